/** CloudEvents' official SDKs send events to a running gateway. A workflow gets what the SDK sent. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CloudEvent, HTTP } from 'cloudevents';
import { startGateway } from '../gateway/running-gateway.ts';
import { runOf } from '../gateway/runs-of.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';

type GoTool = typeof import('../../scripts/lib/go-tool.mjs');
type JavaTool = typeof import('../../scripts/lib/java-tool.mjs');
type PythonTool = typeof import('../../scripts/lib/python-tool.mjs');

const ROUTES = `
routes:
  - name: whole
    match: { type: [sdk.event] }
    workflow: takeEvent
    queue: nobody
    id: "{id}"
    exact: true
`;

const inProject = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES });
});
after(async () => {
  await gateway?.stop();
  await temporal?.stop();
});

interface Sent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly data?: Buffer;
}

const json = (value: unknown) => ({
  ...{ contentType: 'application/json', data: Buffer.from(JSON.stringify(value)) },
});

const events: readonly Sent[] = [
  { name: 'object', attributes: {}, ...json({ a: [1, null, 'é'] }) },
  { name: 'array', attributes: {}, ...json([1, 'x']) },
  { name: 'text', attributes: {}, contentType: 'text/plain', data: Buffer.from('Hello, 世界!') },
  { name: 'xml', attributes: {}, contentType: 'application/xml', data: Buffer.from('<a b="c"/>') },
  {
    name: 'bytes',
    attributes: {},
    contentType: 'application/octet-stream',
    data: Buffer.from([0, 1, 2, 128, 255]),
  },
  { name: 'no data', attributes: {} },
  { name: 'attributes', attributes: { subject: 'Euro € 100% "北京"', city: '北京 & Zürich' }, ...json({}) },
];

/** A payload as bytes. SDKs write a text as `data` or as `data_base64`, so both forms are equal. */
function payloadBytes({ data, data_base64: base64, datacontenttype }: Record<string, unknown>) {
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64').toString('latin1');
  const isText = typeof data === 'string' && datacontenttype !== 'application/json';
  if (isText) return Buffer.from(data).toString('latin1');
  return data === undefined ? undefined : Buffer.from(JSON.stringify(data)).toString('latin1');
}

const lines = (prefix: string, sent: readonly Sent[]): string =>
  sent
    .map(({ name, attributes, contentType, data }) => {
      const all = { id: `${prefix}-${name}`, source: '/sdk', type: 'sdk.event', ...attributes };
      return `${JSON.stringify({ attributes: all, contentType, data: data?.toString('base64') })}\n`;
    })
    .join('');

/** Runs a sender: a program with the URL and the mode as its last arguments. */
async function send(program: string, args: readonly string[], input: string): Promise<void> {
  const child = spawn(program, args, { stdio: 'pipe', timeout: 120_000 });
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdin.end(input);
  const [output, problem, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  assert.equal(code, 0, problem);
  const statuses = new Set(output.trim().split('\n'));
  assert.deepEqual([...statuses], ['202'], output);
}

type Mode = 'binary' | 'structured' | 'batch';
type Sender = (mode: Mode, input: string) => Promise<void>;

async function goSender(): Promise<Sender | undefined> {
  const { provideGoProgram }: GoTool = await import(inProject('scripts/lib/go-tool.mjs'));
  const program = await provideGoProgram('cloudevents-go');
  return program === undefined ? undefined : (mode, input) => send(program, [gateway.url, mode], input);
}

async function javaSender(): Promise<Sender | undefined> {
  const { provideJavaProgram }: JavaTool = await import(inProject('scripts/lib/java-tool.mjs'));
  const project = inProject('test/tools/cloudevents-java');
  const args = await provideJavaProgram(project, 'SendEvents.java', { name: 'cloudevents-java' });
  return args && ((mode, input) => send('java', [...args, gateway.url, mode], input));
}

async function pythonSender(): Promise<Sender | undefined> {
  const { providePythonTool }: PythonTool = await import(inProject('scripts/lib/python-tool.mjs'));
  const requirements = inProject('test/tools/cloudevents-python/requirements.txt');
  const python = await providePythonTool({ name: 'cloudevents-python', requirements });
  const program = inProject('test/tools/cloudevents-python/send_events.py');
  return python === undefined
    ? undefined
    : (mode, input) => send(python, [program, gateway.url, mode], input);
}

/** The package `cloudevents`, in this process. */
async function javascriptSender(): Promise<Sender> {
  return async (mode, input) => {
    for (const line of input.trim().split('\n')) {
      const { attributes, contentType, data } = JSON.parse(line) as {
        attributes: { id: string; source: string; type: string };
        contentType?: string;
        data?: string;
      };
      const raw = data === undefined ? undefined : Buffer.from(data, 'base64');
      const isJson = contentType === 'application/json';
      const isText = /^text|xml$/.test(contentType ?? '');
      const payload = isJson ? JSON.parse(String(raw)) : isText ? String(raw) : raw;
      const event = new CloudEvent({
        ...attributes,
        ...(contentType === undefined ? {} : { datacontenttype: contentType }),
        data: payload,
      });
      const { headers, body } = mode === 'structured' ? HTTP.structured(event) : HTTP.binary(event);
      const answer = await fetch(gateway.url, {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: (body ?? null) as string,
      });
      assert.equal(answer.status, 202, await answer.text());
    }
  };
}

/** The content types that an SDK or its HTTP client adds to an event without data. */
const added: Readonly<Record<string, string>> = {
  'Java binary': 'application/x-www-form-urlencoded',
  'JavaScript binary': 'application/json; charset=utf-8',
};

/** Events that an SDK cannot send in a mode, with the reason. */
const notSent: Readonly<Record<string, string>> = {
  'Python binary array': 'the SDK writes a list in the notation of Python, which is not JSON',
  'JavaScript binary attributes': 'the package does not percent-encode header values, and fetch rejects them',
};

const senders: readonly (readonly [
  name: string,
  modes: readonly Mode[],
  provide: () => Promise<Sender | undefined>,
])[] = [
  ['Go', ['binary', 'structured', 'batch'], goSender],
  ['Java', ['binary', 'structured'], javaSender],
  ['JavaScript', ['binary', 'structured'], javascriptSender],
  ['Python', ['binary', 'structured'], pythonSender],
];

for (const [name, modes, provide] of senders)
  for (const mode of modes)
    test(`the SDK for ${name} sends events in ${mode} mode, and a workflow gets them as they were sent`, async (t) => {
      const sender = await provide();
      if (sender === undefined) {
        console.error(
          `\n!!! ${name.toUpperCase()} IS NOT AVAILABLE: CloudEvents' SDK WAS NOT TESTED with the gateway !!!\n`,
        );
        return t.skip(`${name} is not available`);
      }
      const prefix = `${name}-${mode}`;
      const sent = events.filter((event) => notSent[`${name} ${mode} ${event.name}`] === undefined);
      await sender(mode, lines(prefix, sent));
      for (const { name: event, attributes, contentType, data } of sent) {
        const id = `${prefix}-${event}`;
        const run = await runOf(gateway.client, id);
        const received = (run?.args[0] ?? {}) as Record<string, unknown>;
        const { time: _time, data: _data, data_base64: _base64, ...context } = received;
        const type = contentType ?? added[`${name} ${mode}`];
        assert.deepEqual(
          context,
          {
            ...{ specversion: '1.0', id, source: '/sdk', type: 'sdk.event', ...attributes },
            ...(type === undefined ? {} : { datacontenttype: type }),
          },
          event,
        );
        assert.equal(payloadBytes(received), data?.toString('latin1'), event);
      }
    });
