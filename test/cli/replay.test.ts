import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, rawUtf8, type Sent, send } from '../gateway/http.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { hashOf, runOf } from '../gateway/runs-of.ts';
import { freePort } from '../support/free-port.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startParkedWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

/** Every sender may send. One of them gets 202 also for parked requests. */
const SOURCES = `
sources:
  - { name: impatient, match: { source: [/impatient] }, ackParked: true }
  - { name: keeper, match: { source: [/keeper] }, parkUnmatched: true }
  - { name: anybody }
`;
const route = (name: string, id: string, more = 'queue: nobody') => `
  - name: ${name}
    match: { type: [${name}.placed] }
    workflow: handleOrder
    id: "${id}"
    ${more}
`;
const names = ['order', 'raw', 'aged'];
const BROKEN = `${SOURCES}\nroutes:${names.map((name) => route(name, `${name}:{data.order.id}`)).join('')}`;
const REPAIRED = `${SOURCES}
routes:
  ${route('order', 'order:{data.id}')}
  ${route('raw', 'raw:{id}')}
  ${route('aged', 'aged:{id}', 'queue: nobody\n    expires: PT1H')}
  ${route('vast', 'vast:{id}', `queue: nobody\n    input: [${Array(60).fill('"{data.text}"').join(', ')}]`)}
`;

let temporal: TestTemporal;
let broken: Awaited<ReturnType<typeof startGateway>>;
let repaired: Awaited<ReturnType<typeof startGateway>>;
let worker: Awaited<ReturnType<typeof startParkedWorker>>;
let sluice: Sluice;
before(async () => {
  temporal = await startTemporal();
  broken = await startGateway(temporal.address, { routes: BROKEN });
  repaired = await startGateway(temporal.address, { routes: REPAIRED });
  worker = await startParkedWorker(temporal.address);
  sluice = prepareSluice(() => ({
    SLUICE_GATEWAY: repaired.url,
    SLUICE_TEMPORAL_ADDRESS: temporal.address,
  }));
});
after(async () => {
  await worker?.stop();
  await broken?.stop();
  await repaired?.stop();
  await temporal?.stop();
  sluice?.remove();
});

const JSON_TYPE = { 'content-type': 'application/json' };
const event = (id: string, attributes: object = {}) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/shop',
    type: 'order.placed',
    data: { id: 7 },
    ...attributes,
  });
const order = (id: string, attributes: object = {}): Sent => ({
  headers: JSON_TYPE,
  body: event(id, attributes),
});
const workflowIdOf = (id: string, source = '/shop') => `order:7:${hashOf('order', source, id)}`;

/** Parks a request, and returns its id. */
async function park(request: Sent, sentTo = broken): Promise<{ id: string; answer: Answer }> {
  const receivedBefore = sentTo.received.length;
  const answer = await send(sentTo.port, request);
  const id = sentTo.received.slice(receivedBefore).find(({ parked }) => parked !== undefined)?.parked ?? '';
  assert.match(id, /^parked:/, answer.body);
  return { id, answer };
}

const untilListed = (query: string, count: number) =>
  until(query, async () => (await broken.client.workflow.count(query)).count === count);
const stateOf = async (id: string) => (await broken.client.workflow.getHandle(id).describe()).status.name;
/** The result of a parked request, after its run has ended. */
async function outcomeOf(id: string): Promise<string> {
  await until(`${id} is closed`, async () => (await stateOf(id)) === 'COMPLETED');
  return ((await broken.client.workflow.getHandle(id).result()) as { outcome: string }).outcome;
}
const countStarts = (id: string) =>
  repaired.received.filter((one) => one.event?.id === id && one.outcome === 'started').length;

interface Result {
  readonly sent: number;
  readonly wrong: number;
  readonly unreachable: number;
  readonly requests: { id: string; outcome: string; status: number | null; reason: string | null }[];
}

async function replay(...args: string[]): Promise<Result & { code: number }> {
  const { code, stdout, stderr } = await sluice(['replay', '--json', ...args]);
  assert.notEqual(stdout, '', stderr);
  return { ...(JSON.parse(stdout) as Result), code };
}

test('after the route is repaired, rejected requests are sent again: one run each, and they are no longer parked', async () => {
  const first = await park(order('r1', { type: 'order.placed' }));
  const second = await park(order('r2'));
  await untilListed("WorkflowType = 'parkedEvent' AND Route = 'order'", 2);
  const dry = await sluice(['replay', '--route', 'order', '--dry-run', '--json']);
  const { requests } = JSON.parse(dry.stdout) as { requests: { id: string }[] };
  assert.deepEqual(
    requests.map(({ id }) => id),
    [first.id, second.id],
    'the oldest first',
  );
  const { code, stdout, stderr } = await sluice(['replay', '--route', 'order']);
  assert.equal(code, 0, stdout + stderr);
  const stderrText = stderr.replaceAll('\n', ' ');
  assert.ok(stderrText.includes('sending 2 parked requests again to'), stderrText);
  for (const target of [repaired.url, 'namespace default', temporal.address])
    assert.ok(stderrText.includes(target));
  assert.match(stdout, /^2 sent again$/m);
  assert.equal(await outcomeOf(first.id), 'replayed');
  assert.deepEqual((await runOf(broken.client, workflowIdOf('r1')))?.args, [JSON.parse(event('r1'))]);
  assert.ok(await runOf(broken.client, workflowIdOf('r2')));
});

test('a request that is replayed twice, also concurrently, starts one run', async () => {
  const { id } = await park(order('twice'));
  const [one, two] = await Promise.all([replay(id), replay(id)]);
  assert.deepEqual([one?.sent, two?.sent], [1, 1]);
  assert.equal((await replay(id)).sent, 1);
  assert.equal(countStarts('twice'), 1);
  await untilListed(`WorkflowId = '${workflowIdOf('twice')}'`, 1);
});

test('bytes and header values arrive as they were sent', async () => {
  const headers = {
    ...{ 'ce-specversion': '1.0', 'ce-id': 'bytes', 'ce-source': '/shop', 'ce-type': 'raw.placed' },
    ...{ 'ce-subject': rawUtf8('报告 é'), 'ce-note': '50%25', 'content-type': 'application/octet-stream' },
  };
  const { id } = await park({ headers, body: Buffer.from([0xff, 0x00, 0xfe]) });
  assert.equal((await replay(id)).sent, 1);
  const [argument] = (await runOf(broken.client, `raw:bytes:${hashOf('raw', '/shop', 'bytes')}`))?.args ?? [];
  assert.deepEqual(argument, {
    ...{ specversion: '1.0', id: 'bytes', source: '/shop', type: 'raw.placed', subject: '报告 é' },
    ...{ note: '50%', datacontenttype: 'application/octet-stream', data_base64: '/wD+' },
  });
});

test('a dead letter is sent as the original event', async () => {
  const headers = {
    ...{ ...JSON_TYPE, 'ce-specversion': '1.0', 'ce-id': 'dead', 'ce-source': '/shop' },
    ...{ 'ce-type': 'order.placed', 'ce-knativeerrorcode': '422', 'ce-knativeerrordest': 'http://gone' },
  };
  const { id } = await park({ path: '/dead-letters', headers, body: '{"id":7}' });
  assert.equal((await replay(id)).sent, 1);
  assert.equal(await outcomeOf(id), 'replayed');
  const [argument] = (await runOf(broken.client, workflowIdOf('dead')))?.args ?? [];
  assert.deepEqual(argument, {
    ...{ specversion: '1.0', id: 'dead', source: '/shop', type: 'order.placed' },
    ...{ datacontenttype: 'application/json', data: { id: 7 } },
  });
});

test('if the run of a replayed event has failed, the output has the command that starts the run again', async () => {
  await send(repaired.port, order('failed'));
  await broken.client.workflow.getHandle(workflowIdOf('failed')).terminate('no more shop');
  const { id } = await park(order('failed'));
  const { code, stdout } = await sluice(['replay', id]);
  assert.equal(code, 0);
  assert.ok(stdout.includes(`sluice runs retry '${workflowIdOf('failed')}'`), stdout);
  assert.equal(await stateOf(workflowIdOf('failed')), 'TERMINATED');
});

test('a request that is still wrong stays parked with the reason, and is not sent', async () => {
  const noEvent = await park({ headers: JSON_TYPE, body: '{"id":"x"}' });
  const refused = await park(order('no-id', { data: {} }));
  const unmatched = await park(order('kept', { source: '/keeper', type: 'who.knows' }));
  const receivedBefore = repaired.received.length;
  const result = await replay(noEvent.id, refused.id, unmatched.id);
  assert.deepEqual([result.code, result.sent, result.wrong], [1, 0, 3]);
  assert.deepEqual(
    result.requests.map(({ reason }) => reason),
    [
      'attribute specversion is missing',
      'route order: the event has no data.id',
      'no route matches the event',
    ],
  );
  assert.equal(repaired.received.length, receivedBefore);
  for (const { id } of [noEvent, refused, unmatched]) assert.equal(await stateOf(id), 'RUNNING');
  const { stdout } = await sluice(['replay', refused.id]);
  assert.match(
    stdout,
    /^still wrong .*\n +422: route order: the event has no data\.id\n0 sent again, 1 still wrong$/m,
  );
});

test('a repeated header is parked as a list, and a replay does not join its values', async () => {
  const { id } = await park({
    headers: {
      ...JSON_TYPE,
      ...{ 'ce-specversion': '1.0', 'ce-id': ['1', '2'], 'ce-source': '/shop', 'ce-type': 'order.placed' },
    },
    body: '{"id":7}',
  });
  const [parked] = ((await runOf(broken.client, id))?.args ?? []) as { headers: Record<string, unknown> }[];
  assert.deepEqual(parked?.headers['ce-id'], ['1', '2']);
  const receivedBefore = repaired.received.length;
  const result = await replay(id);
  assert.deepEqual([result.code, result.wrong], [1, 1]);
  assert.match(result.requests[0]?.reason ?? '', /ce-id/);
  assert.equal(repaired.received.length, receivedBefore);
  assert.equal(await stateOf(id), 'RUNNING');
  assert.match((await sluice(['parked', 'show', id])).stdout, /^ *ce-id: 1\n *ce-id: 2$/m);
});

test('a request of a sender with ackParked that is still rejected stays parked', async () => {
  const bad = await park(order('impatient-1', { source: '/impatient' }));
  assert.equal(bad.answer.status, 202);
  const still = await replay(bad.id, '--gateway', broken.url);
  assert.deepEqual([still.sent, still.wrong], [0, 1]);
  // Temporal rejects the start of this run, because its argument is over 2 MiB.
  const data = { text: 'x'.repeat(50_000) };
  const body = event('impatient-2', { source: '/impatient', type: 'vast.placed', data });
  const { id, answer } = await park({ headers: JSON_TYPE, body }, repaired);
  assert.equal(answer.status, 202);
  const result = await replay(id);
  assert.deepEqual([result.code, result.sent, result.wrong], [1, 0, 1]);
  assert.deepEqual([result.requests[0]?.status], [422]);
  assert.match(
    result.requests[0]?.reason ?? '',
    /^workflow vast:impatient-2.* cannot be started: Blob data size exceeds limit/,
  );
  for (const parked of [bad.id, id]) assert.equal(await stateOf(parked), 'RUNNING');
  assert.equal((await replay(bad.id)).sent, 1);
  assert.equal(await outcomeOf(bad.id), 'replayed');
});

test('an expired event is accepted, and the output says that it starts nothing', async () => {
  const { id } = await park(order('old', { type: 'aged.placed', time: '2020-01-01T00:00:00Z' }));
  const result = await replay(id);
  assert.deepEqual([result.code, result.sent], [0, 1]);
  assert.match(
    result.requests[0]?.reason ?? '',
    /the event's time 2020-01-01T00:00:00Z is more than 3600 s ago/,
  );
  assert.equal(await outcomeOf(id), 'replayed');
});

test('a dry run lists the requests and says where it would send them, but sends nothing', async () => {
  const { id } = await park(order('dry', { type: 'order.placed', subject: 'dry' }));
  await untilListed("WorkflowType = 'parkedEvent' AND EventId = 'dry'", 1);
  const receivedBefore = repaired.received.length;
  for (const args of [[id], ['--type', 'order.placed', '--limit', '1'], ['--all']]) {
    const { code, stdout, stderr } = await sluice(['replay', '--dry-run', ...args]);
    assert.equal(code, 0);
    assert.ok(stdout.includes(id), stdout);
    assert.match(stderr, /would send \d+ parked requests? again to/);
  }
  assert.equal(repaired.received.length, receivedBefore);
  assert.equal(await stateOf(id), 'RUNNING');
  assert.equal(await runOf(broken.client, workflowIdOf('dry')), undefined);
});

test('if the gateway does not answer, all requests stay parked, and the command stops early', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) ids.push((await park(order(`nobody-there-${n}`))).id);
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const { code, unreachable, requests } = await replay(...ids, '--gateway', nowhere);
  assert.deepEqual([code, unreachable], [1, 20]);
  assert.match(requests[0]?.reason ?? '', /\/replay does not answer: .*ECONNREFUSED/);
  assert.match(requests[19]?.reason ?? '', /not tried/);
  for (const id of ids) assert.equal(await stateOf(id), 'RUNNING');
  const { stdout } = await sluice(['replay', ids[0] ?? '', '--gateway', nowhere]);
  assert.match(stdout, /^unreachable .*\n.* does not answer.*\n0 sent again, 1 unreachable$/m);
});

test('if no request matches, nothing is sent, and this is not a failure', async () => {
  const { code, stdout, stderr } = await sluice(['replay', '--type', 'unheard.of']);
  assert.deepEqual([code, stdout], [0, '0 sent again\n']);
  assert.match(stderr, /no parked request matches/);
});

test('if the gateway uses another Temporal, the command detects it, and the request stays parked', async () => {
  const elsewhere = await startTemporal();
  const other = await startGateway(elsewhere.address, { routes: REPAIRED });
  try {
    const { id } = await park(order('elsewhere'));
    const result = await replay(id, '--gateway', other.url);
    assert.deepEqual([result.code, result.wrong], [1, 1]);
    assert.equal(result.requests[0]?.reason, `there is no parked request "${id}"`);
    assert.equal(await stateOf(id), 'RUNNING');
  } finally {
    await other.stop();
    await elsewhere.stop();
  }
});

test('a protected gateway receives the operator’s token; without a token nothing is sent', async () => {
  const env = { SLUICE_HOST: '0.0.0.0', SLUICE_API_TOKENS: 'operator-token' };
  const withToken = (routes: string) =>
    routes.replace('- { name: anybody }', '- { name: anybody, auth: [{ bearer: { env: T } }] }');
  const options = { env: { ...env, T: 'sender-token' } };
  const guardedBroken = await startGateway(temporal.address, { routes: withToken(BROKEN), ...options });
  const guarded = await startGateway(temporal.address, { routes: withToken(REPAIRED), ...options });
  try {
    const { headers, ...sent } = order('guarded');
    const { id } = await park(
      { headers: { ...headers, authorization: 'Bearer sender-token' }, ...sent },
      guardedBroken,
    );
    const without = await sluice(['replay', id, '--gateway', guarded.url]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /answered 401: .*--token or SLUICE_API_TOKEN/);
    assert.equal(guarded.received.length, 0);
    const token = { SLUICE_API_TOKEN: 'operator-token' };
    const { code, stdout, stderr } = await sluice(['replay', id, '--gateway', guarded.url], { env: token });
    assert.equal(code, 0, stdout + stderr);
    assert.ok(!`${stdout}${stderr}`.includes('operator-token'));
  } finally {
    await guardedBroken.stop();
    await guarded.stop();
  }
});

test('a batch is sent as a whole, and stays parked as a whole if one of its runs cannot start', async () => {
  const batch = (...ids: string[]) => `[${ids.map((id) => event(id)).join(',')}]`;
  const { id } = await park({ headers: JSON_TYPE, body: batch('b1', 'b2') });
  assert.equal((await replay(id)).sent, 1);
  for (const one of ['b1', 'b2']) assert.ok(await runOf(broken.client, workflowIdOf(one)));
  const mixed = `[${event('b3')},${event('b4', { data: {} })}]`;
  const bad = await park({ headers: JSON_TYPE, body: mixed });
  assert.equal((await replay(bad.id)).wrong, 1);
  assert.equal(await runOf(broken.client, workflowIdOf('b3')), undefined);
});
