/** Tests the gateway as the subscriber of a broker: Knative's own ingress, channel and filter deliver to it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { isRetriedByKnative } from '../gateway/knative-retry.ts';
import { until } from '../support/until.ts';
import { startDataPlane } from './knative-data-plane.ts';
import { binary, type Event, order, structured, withHeader } from './knative-events.ts';
import { MANIFESTS, OTHER_SUBSCRIBER, SUBSCRIBER } from './knative-manifests.ts';
import { startSubscriber } from './knative-subscriber.ts';
import { startKnativeSystem } from './knative-system.ts';
import { knativeTool } from './knative-tool.ts';

const program = await knativeTool();
const skip = program === undefined;
const options = { skip, timeout: 20_000 };
const outage = { skip, timeout: 120_000 };
let system: Awaited<ReturnType<typeof startKnativeSystem>>;
if (program !== undefined) {
  before(async () => {
    system = await startKnativeSystem(program);
  });
  after(async () => {
    await system?.stop();
  });
}

/** The ids of all accepted orders. At the end, each must have exactly one run. */
const published: string[] = [];

/** Publishes an order. Returns the broker's status after the order was delivered to all subscribers. */
async function publish(event: Event, mode = binary, broker = 'default/events'): Promise<number> {
  const status = await system.plane.post(broker, mode(event));
  if (status === 202) published.push(event.id);
  return status;
}

/** Publishes an event that starts no new run. */
const publishWithoutRun = (event: Event, broker = 'default/events') =>
  system.plane.post(broker, binary(event));

test('the tests’ table of retried statuses is that of Knative', options, async () => {
  const { stdout } = await promisify(execFile)(program ?? '', ['retry-table'], { timeout: 30_000 });
  const statuses = [-1, ...Array.from({ length: 500 }, (_, index) => 100 + index)];
  assert.deepEqual(statuses.filter(isRetriedByKnative), JSON.parse(stdout));
});

const attributes = { subject: 'orders/1', time: '2026-11-22T12:00:00.25Z', dataschema: 'https://shop/order' };
const json = { data: { order: 1, nested: [null, 0, '', false, { 北京: '😀' }] } };
const bytes = {
  ...{ datacontenttype: 'image/png', data: undefined },
  data_base64: Buffer.from([0x00, 0xff, 0x7b, 0x0a, 0x80]).toString('base64'),
};
for (const [formatName, mode, content] of [
  ['binary with JSON', binary, json],
  ['structured with JSON', structured, json],
  ['binary with null', binary, { data: null }],
  ['structured with null', structured, { data: null }],
  ['binary with bytes', binary, bytes],
  ['structured with bytes', structured, bytes],
  // In structured mode, Knative's ingress answers 400 to this event.
  [
    'binary with a media type like JSON',
    binary,
    { datacontenttype: 'application/vnd.shop+json', data: [1.5] },
  ],
] as const) {
  test(
    `a matching event, ${formatName}, starts one run, arrives complete, and gets no reply`,
    options,
    async () => {
      const event = order(formatName, { ...attributes, unknownextension: 'a, b; c=d', ...content });
      const more = await system.countIncreases(async () => assert.equal(await publish(event, mode), 202));
      assert.deepEqual(more, { 'orders/started': 1 });
      assert.deepEqual(await system.orderOf(event.id), JSON.parse(JSON.stringify(event)));
      assert.equal(system.deliveriesOf(event.id).length, 1);
    },
  );
}

test('an event of CloudEvents 0.3 arrives as 1.0', options, async () => {
  const { dataschema, ...event } = order('old', { ...attributes, specversion: '0.3' });
  assert.equal(await publish({ ...event, id: 'old', schemaurl: dataschema }, structured), 202);
  assert.deepEqual(await system.orderOf('old'), { ...event, dataschema, specversion: '1.0' });
});

test('a repeated event, from its sender or a second Trigger, starts no second run', options, async () => {
  const twice = order('twice', { type: 'order.twice' });
  const first = await system.countIncreases(async () => assert.equal(await publish(twice), 202));
  assert.deepEqual(first, { 'orders/started': 1, 'orders/duplicate': 1 });
  const again = await system.countIncreases(async () => assert.equal(await publishWithoutRun(twice), 202));
  assert.deepEqual(again, { 'orders/duplicate': 2 });
});

test('an event that matches no route is delivered once, and is not a dead letter', options, async () => {
  const event = order('unmatched', { type: 'nobody.cares' });
  const more = await system.countIncreases(async () => assert.equal(await publishWithoutRun(event), 202));
  assert.deepEqual(more, { '/unmatched': 1 });
  assert.equal(system.deliveriesOf('unmatched').length, 1);
});

test('an event answered with 422 is delivered once, and parked with that error', options, async () => {
  const event = order('needy', { type: 'order.needy', data: {} });
  const more = await system.countIncreases(async () => assert.equal(await publishWithoutRun(event), 202));
  assert.deepEqual(more, { 'needy/rejected': 1, 'needy/parked': 1, '/parked': 1 });
  const { parked, letter } = await system.waitForParked('needy', 2);
  const { reason } = parked.find(({ status }) => status === 422) ?? {};
  assert.match(String(reason), /data\.order/);
  const body = JSON.stringify({ error: reason });
  assert.deepEqual(letter, { destination: `http://${SUBSCRIBER}/`, code: 422, data: body });
});

test('a dead letter of an unreachable subscriber has the dispatch error', options, async () => {
  assert.equal(await publishWithoutRun(order('lost'), 'default/lost'), 202);
  const { destination, code, data } = (await system.waitForParked('lost', 1)).letter;
  assert.deepEqual([destination, code], ['http://nobody.default.svc.cluster.local/', 500]);
  assert.match(data, /^dispatch error: Post "http:\/\/nobody\./);
});

test('the longest answers do not crash the dispatcher, and arrive complete', options, async () => {
  assert.equal(await publishWithoutRun(order('verbose', { type: 'order.verbose' })), 202);
  const { code, data } = (await system.waitForParked('verbose', 2)).letter;
  assert.equal(code, 422);
  assert.ok(Buffer.byteLength(data) > 500 && Buffer.byteLength(data) < 768, data);
  assert.match(JSON.parse(data).error, /^route verbose: .*…$/);
  assert.ok(system.plane.running);
});

test(
  'a subscriber’s answer of 769 bytes crashes the dispatcher, but the gateway’s answers are shorter',
  options,
  async () => {
    const longAnswers = await startSubscriber(() => ({ status: 422, body: 'x'.repeat(769) }));
    const names = { [SUBSCRIBER]: longAnswers.port, [OTHER_SUBSCRIBER]: longAnswers.port };
    const plane = await startDataPlane(program ?? '', MANIFESTS, names);
    try {
      await assert.rejects(plane.post('default/events', binary(order('crash'))));
      assert.match(await plane.ended, /exit code 2 .*panic: runtime error: index out of range/s);
    } finally {
      await plane.stop();
      await longAnswers.stop();
    }
  },
);

test('a dead letter that is not a valid event is parked, and the broker continues', options, async () => {
  const unreadable = [
    { ...binary(order('no-json')), body: '{not json' },
    withHeader(binary(order('no-utf8')), 'ce-subject', '\xff'),
    // The answer contains the beginning of the attribute's name.
    withHeader(binary(order('long')), `ce-${'x'.repeat(3_000)}`, '\xff'),
  ];
  for (const event of unreadable) {
    assert.equal(await system.plane.post('default/events', event), 202);
    const { code, data } = (await system.waitForParked(String(event.headers['ce-id']), 2)).letter;
    assert.equal(code, 400);
    assert.match(JSON.parse(data).error, /not JSON|not UTF-8|ce-x{600,}…$/);
  }
  assert.ok(system.plane.running);
});

/** Knative writes attributes into headers unencoded. So the gateway decodes texts that look encoded or quoted. */
const texts: readonly { original: string; overHeaders?: string }[] = [
  { original: '北京市 😀 é' },
  { original: '100% 北京' },
  { original: 'a%20b', overHeaders: 'a b' },
  { original: '"quoted"', overHeaders: 'quoted' },
];
for (const { original, overHeaders = original } of texts) {
  test(
    `${original} arrives as ${overHeaders}, and as ${original} if a Trigger uses JSON`,
    options,
    async () => {
      for (const [broker, arrives] of [
        ['default/events', overHeaders],
        ['default/as-json', original],
      ] as const) {
        const event = order(`${broker} ${texts.findIndex((text) => text.original === original)}`);
        const sent = { ...event, subject: original, customername: original };
        assert.equal(await publish(sent, structured, broker), 202);
        assert.deepEqual(await system.orderOf(event.id), {
          ...sent,
          subject: arrives,
          customername: arrives,
        });
      }
    },
  );
}

test('percent-encoded headers of the sender arrive decoded', options, async () => {
  const encoded = '%E5%8C%97%E4%BA%AC%20100%25';
  assert.equal(await publish(order('encoded', { subject: encoded, customername: encoded })), 202);
  const { subject, customername } = await system.orderOf('encoded');
  assert.deepEqual([subject, customername], ['北京 100%', '北京 100%']);
});

test('Knative converts times to UTC, and numeric and boolean extensions to text', options, async () => {
  const event = order('changed', { time: '2026-11-22T20:00:00.120+08:00', priority: 5, urgent: true });
  assert.equal(await publish(event, structured), 202);
  const changed = { time: '2026-11-22T12:00:00.12Z', priority: '5', urgent: 'true' };
  assert.deepEqual(await system.orderOf('changed'), { ...event, ...changed });
});

test('while Temporal is unavailable, the broker retries, then each event has one run', outage, async () => {
  const deferred = async () => (await system.counts())['orders/deferred'] ?? 0;
  const before = await deferred();
  await system.temporal.stop();
  const all = await system.countIncreases(async () => {
    const answered = Promise.all([publish(order('down-0')), publish(order('down-1'), structured)]);
    answered.catch(() => {});
    try {
      await until('four deliveries are deferred', async () => (await deferred()) - before >= 4);
    } finally {
      await system.temporal.restart();
    }
    assert.deepEqual(await answered, [202, 202]);
  });
  const { 'orders/deferred': _, 'orders/started': started = 0, 'orders/duplicate': found = 0, ...more } = all;
  assert.equal(started + found, 2);
  assert.deepEqual(more, {});
});

test('after a kill and restart of the gateway, each event has one run', outage, async () => {
  const ids = Array.from({ length: 10 }, (_, n) => `killed-${n}`);
  process.kill(system.temporal.pid, 'SIGSTOP');
  let answered: Promise<number[]>;
  try {
    answered = Promise.all(ids.map((id, n) => publish(order(id), n % 2 === 0 ? binary : structured)));
    answered.catch(() => {});
    await until('all are in flight', async () => (await system.pending()) === ids.length);
    await system.gateway.kill();
  } finally {
    process.kill(system.temporal.pid, 'SIGCONT');
  }
  await system.gateway.start();
  assert.deepEqual(new Set(await answered), new Set([202]));
  for (const id of ids) assert.equal((await system.orderOf(id)).id, id);
});

test('at the end, every order has exactly one run', outage, async () => {
  const { client } = system;
  const query = "WorkflowType = 'takeOrder'";
  await until('all are listed', async () => (await client.workflow.count(query)).count >= published.length);
  const runs: string[] = [];
  for await (const { memo } of client.workflow.list({ query }))
    runs.push((memo as { event: { id: string } }).event.id);
  assert.deepEqual(runs.sort(), published.sort());
});
