import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startParkedWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { send } from './http.ts';
import { startGateway } from './running-gateway.ts';

type Gateway = Awaited<ReturnType<typeof startGateway>>;

const route = (name: string, more: string) =>
  `  - { name: ${name}, match: { type: [told] }, workflow: listen, queue: nobody, ${more} }\n`;
const BROKEN = `routes:\n${route('broken', 'id: "{data.missing}"')}`;
const OPEN_RUNS = route('open-runs', 'id: "listener:{id}", signal: told, start: false');

let temporal: TestTemporal;
let worker: TestWorker;
let broken: Gateway;
let onlyOpen: Gateway;
let alsoStarts: Gateway;
before(async () => {
  temporal = await startTemporal();
  worker = await startParkedWorker(temporal.address);
  broken = await startGateway(temporal.address, { routes: BROKEN });
  onlyOpen = await startGateway(temporal.address, { routes: `routes:\n${OPEN_RUNS}` });
  const routes = `routes:\n${OPEN_RUNS}${route('starts', 'id: "started:{id}", exact: true')}`;
  alsoStarts = await startGateway(temporal.address, { routes });
});
after(async () => {
  await worker?.stop();
  for (const gateway of [broken, onlyOpen, alsoStarts]) await gateway?.stop();
  await temporal?.stop();
});

/** Sends events that the broken route rejects, and returns the id of the parked request. */
async function park(...ids: string[]): Promise<string> {
  const events = ids.map((id) => ({ specversion: '1.0', id, source: '/shop', type: 'told', data: {} }));
  await send(broken.port, {
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify(events),
  });
  const parked = broken.received.findLast(({ parked }) => parked !== undefined)?.parked ?? '';
  assert.match(parked, /^parked:/);
  return parked;
}

async function replay(gateway: Gateway, parked: string): Promise<{ status: number; answer: object }> {
  const path = `/parked/${encodeURIComponent(parked)}/replay`;
  const { status, body } = await send(gateway.port, { path });
  return { status, answer: JSON.parse(body) as object };
}

const startListener = (id: string) =>
  broken.client.workflow.start('listen', { workflowId: `listener:${id}`, taskQueue: 'nobody' });
const signalsOf = async (workflowId: string): Promise<number> => {
  const { events } = await broken.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
};
const stateOf = async (workflowId: string): Promise<string> =>
  (await broken.client.workflow.getHandle(workflowId).describe()).status.name;
const untilReplayed = (parked: string) =>
  until(`${parked} is closed`, async () => (await stateOf(parked)) === 'COMPLETED');
const refused = (what: string) => ({
  status: 422,
  answer: { error: `route open-runs signals only an open run, and no run ${what}; the request stays parked` },
});

test('a request for a route with start: false stays parked until a run is open, and the answer says why', async () => {
  const parked = await park('one');
  for (let n = 0; n < 2; n++) {
    assert.deepEqual(await replay(onlyOpen, parked), refused('listener:one is open'));
    assert.equal(await stateOf(parked), 'RUNNING');
  }
  await startListener('one');
  assert.deepEqual(await replay(onlyOpen, parked), {
    status: 200,
    answer: { runs: [{ route: 'open-runs', workflowId: 'listener:one' }] },
  });
  await untilReplayed(parked);
  assert.equal(await signalsOf('listener:one'), 1);
});

test('a request of which one signal has no open run stays parked; another replay repeats no effect', async () => {
  const parked = await park('two', 'three', 'four');
  await startListener('two');
  assert.deepEqual(await replay(alsoStarts, parked), refused('listener:three is open (and 1 more)'));
  assert.equal(await stateOf(parked), 'RUNNING');
  await startListener('three');
  await startListener('four');
  assert.equal((await replay(alsoStarts, parked)).status, 200);
  await untilReplayed(parked);
  for (const id of ['two', 'three', 'four']) {
    assert.equal(await signalsOf(`listener:${id}`), 1, id);
    assert.equal(await stateOf(`started:${id}`), 'RUNNING', id);
  }
});
