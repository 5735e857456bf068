/** Runs the CloudEvents project's own conformance suite (github.com/cloudevents/conformance) against a gateway. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CloudEvent, toJsonFormat } from '../../domain/cloud-event.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { until } from '../support/until.ts';
import { conformanceTool } from './conformance-tool.ts';
import { scenariosOf } from './feature-file.ts';
import { assertAccepted, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const tool = await conformanceTool();

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
if (tool !== undefined) {
  before(async () => {
    temporal = await startTemporal();
    gateway = await startGateway(temporal.address);
  });
  after(async () => {
    await gateway?.stop();
    await temporal?.stop();
  });
}

/** Returns the events that the gateway receives during `work`, in CloudEvents' JSON format. */
async function eventsOf(work: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const seen = gateway.received.length;
  await work();
  const received = gateway.received.slice(seen).map(({ event }) => event);
  return received.filter(isWhole).map(toJsonFormat);
}

const isWhole = (event: object | undefined): event is CloudEvent =>
  event !== undefined && 'attributes' in event;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const someEvent = {
  specversion: '1.0',
  type: 'com.example.someevent',
  source: '/mycontext/subcontext',
  id: '4321-4321-4321',
  time: '2018-04-05T03:56:24Z',
  comexampleextension1: 'value',
  comexampleextension2: '{"othervalue": 5}',
};

const minimum = (file: string) =>
  [
    ['text/plain; charset=us-ascii', { data_base64: base64('Hello, World!\n') }] as const,
    ['text/plain; charset=utf-8', { data_base64: base64('Hello, 🌎!\n') }] as const,
    ['application/json; charset=utf-8', { data: 'Hello, 🌎!' }] as const,
    ['application/json; charset=utf-8', { data: { msg: 'Hello, 🌎!' } }] as const,
    ['application/json; charset=utf-8', { data: ['Hello', '🌎!'] }] as const,
    ['application/xml; charset=utf-8', { data_base64: base64('<msg>Hello, 🌎!</msg>\n') }] as const,
  ].map(([datacontenttype, data], index) => ({
    specversion: '1.0',
    type: 'io.cloudevents.minimum',
    source: `//github.com/cloudevents/cloudeventsconformance/yaml/${file}`,
    id: `conformance-000${index + 1}`,
    datacontenttype,
    ...data,
  }));

/** The tool's files and their events. An object in binary mode without a media type is JSON. */
const files: readonly (readonly [path: string, events: readonly object[]])[] = [
  [
    'yaml/v1.yaml',
    [
      { ...someEvent, data: { world: 'hello' } },
      { ...someEvent, data: { world: 'hello' } },
    ],
  ],
  ['yaml/v1.0', minimum('v1.yaml')],
  ['yaml/v03.yaml', [{ ...someEvent, data: { world: 'hello' } }]],
  ['yaml/v0.3', minimum('v03.yaml')],
];

for (const [path, expected] of files) {
  test(`cloudevents invoke ${path}: every answer is 2xx, and every event equals the event in the file`, {
    skip: tool === undefined,
  }, async () => {
    assert.ok(tool);
    const invoke = () => tool.run('invoke', gateway.url, '-f', tool.file(path), '-R', '--delay', '5ms');
    assert.deepEqual(await eventsOf(invoke), expected);
  });
}

test('cloudevents send: the same id in binary and structured mode is one identity and starts one run', {
  skip: tool === undefined,
}, async () => {
  assert.ok(tool);
  const data = ['--datacontenttype', 'application/json', '--data', '{"a":[1]}'];
  const context = ['--id', 'sent', '--source', '/s', '--type', 'any.event', '--subject', 'x'];
  for (const mode of ['binary', 'structured', 'binary']) {
    const events = await eventsOf(() =>
      tool.run('send', gateway.url, ...context, ...data, '--extension', 'custom=y', '--mode', mode),
    );
    assert.deepEqual(events, [
      {
        ...{ specversion: '1.0', id: 'sent', source: '/s', type: 'any.event', subject: 'x' },
        ...{ custom: 'y', datacontenttype: 'application/json', data: { a: [1] } },
      },
    ]);
  }
  const query = "WorkflowId STARTS_WITH 'any:sent:'";
  const runs = await until('a run', async () => (await gateway.client.workflow.count(query)).count || false);
  assert.equal(runs, 1);
});

const scenarios = tool === undefined ? [] : scenariosOf(tool.file('features/http-protocol-binding.feature'));

test('the feature file of the HTTP protocol binding has four scenarios', {
  skip: tool === undefined,
}, () => {
  assert.equal(scenarios.length, 4);
});

for (const { name, steps } of scenarios) {
  test(`scenario: ${name}`, async () => {
    let head: readonly string[] = [];
    let body = '';
    let event: Record<string, unknown> | undefined;
    for (const { text, docString = '', table = [] } of steps) {
      if (text === 'HTTP Protocol Binding is supported') continue;
      if (text === 'an HTTP request') {
        const end = docString.indexOf('\n\n');
        head = docString.slice(0, end).split('\n').slice(1);
        body = docString.slice(end + 2);
      } else if (text === 'parsed as HTTP request') {
        const headers = Object.fromEntries(
          head.map((line) => {
            const colon = line.indexOf(':');
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
          }),
        );
        [event] = await eventsOf(async () => assertAccepted(await send(gateway.port, { headers, body })));
      } else if (text === 'the attributes are:') {
        const { data: _, ...attributes } = event ?? {};
        assert.deepEqual(attributes, Object.fromEntries(table.slice(1)));
      } else if (text === 'the data is equal to the following JSON:') {
        assert.deepEqual(event?.data, JSON.parse(docString));
      } else {
        assert.fail(`no step for: ${text}`);
      }
    }
    assert.ok(event);
  });
}
