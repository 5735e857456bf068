import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { createTemporalDelivery } from '../../gateway/temporal/deliver-events.ts';
import { temporalConnection } from '../../runtime/temporal-connection.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { decodeAll } from './decode/decoded.ts';
import { assertAccepted, send } from './http.ts';
import { startGateway } from './running-gateway.ts';
import { runOf } from './runs-of.ts';

const ROUTES = `
routes:
  - name: cities
    match: { type: [city.changed] }
    workflow: watchCity
    queue: cities
    id: "city:{city}"
    signal: changed
    input: { value: "{data.value}" }
  - name: open-cities
    match: { type: [city.noticed] }
    workflow: watchCity
    queue: cities
    id: "city:{city}"
    signal: changed
    start: false
    input: { value: "{data.value}" }
`;

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let worker: TestWorker;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES, env: { SLUICE_BODY_LIMIT: '1048576' } });
  const workflowsPath = fileURLToPath(new URL('./workflows/watch-city.js', import.meta.url));
  worker = await startWorker(temporal.address, { taskQueue: 'cities', workflowsPath });
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
});

const post = (city: string, id: string, value: string, source = '/weather', attributes: object = {}) =>
  send(gateway.port, {
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      specversion: '1.0',
      id,
      source,
      type: 'city.changed',
      city,
      data: { value },
      ...attributes,
    }),
  });

const handleOf = (city: string) => gateway.client.workflow.getHandle(`city:${city}`);
const effectsOf = (city: string) => handleOf(city).query<string[]>('effects');

test('the first event starts the run and every event signals it; each event has one effect, even if it is repeated', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => post('beijing', 'e1', 'rain')));
  for (const answer of answers) assertAccepted(answer, '/events/%2Fweather/e1');
  assertAccepted(await post('beijing', 'e2', 'sun'), '/events/%2Fweather/e2');
  assertAccepted(await post('beijing', 'e1', 'rain'), '/events/%2Fweather/e1');
  await until('both events have their effect', async () => (await effectsOf('beijing')).length === 2);
  assert.deepEqual(await effectsOf('beijing'), ['rain', 'sun']);
});

test('with start: false, an event signals an open run once, and never starts one', async () => {
  const notice = (id: string, value = 'rain') =>
    post('noticed', id, value, '/weather', { type: 'city.noticed' });
  const outcome = () => gateway.received.at(-1)?.outcome;

  assertAccepted(await notice('w1'));
  assert.equal(outcome(), 'unawaited');
  await assert.rejects(handleOf('noticed').describe(), { name: 'WorkflowNotFoundError' });

  await post('noticed', 'w2', 'first');
  for (let n = 0; n < 3; n++) {
    assertAccepted(await notice('w3'));
    assert.equal(outcome(), 'signalled');
  }
  await notice('w4', 'over');
  assert.deepEqual(await handleOf('noticed').result(), ['first', 'rain', 'over']);

  assertAccepted(await notice('w5'));
  assert.equal(outcome(), 'unawaited');
  assert.equal((await handleOf('noticed').describe()).status.name, 'COMPLETED');
});

test('a signal’s argument names the event, and the run’s argument is the route’s input', async () => {
  await post('argument', 'a1', 'x');
  const { events = [] } = await handleOf('argument').fetchHistory();
  const payload = events?.find((event) => event.workflowExecutionSignaledEventAttributes)
    ?.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0]?.data;
  assert.deepEqual(JSON.parse(Buffer.from(payload ?? []).toString()), {
    event: { source: '/weather', id: 'a1' },
    input: { value: 'x' },
  });
  assert.deepEqual((await runOf(gateway.client, 'city:argument'))?.args, [{ value: 'x' }]);
});

test('the same id of another source is another event', async () => {
  await post('sources', 's1', 'one');
  await post('sources', 's1', 'two', '/elsewhere');
  await until('both events have their effect', async () => (await effectsOf('sources')).length === 2);
});

test('the search attribute EventId has the ids of the events that started and signalled the run', async () => {
  for (let n = 0; n < 25; n++) await post('listed', `id${n}`, String(n));
  await until('all events have their effect', async () => (await effectsOf('listed')).length === 25);
  const listed = (await runOf(gateway.client, 'city:listed'))?.attributes.EventId;
  assert.deepEqual(listed, ['id0', ...Array.from({ length: 19 }, (_, n) => `id${n + 6}`)]);
});

test('received events are remembered when the run continues as new', async () => {
  await post('anew', 'n1', 'first');
  await post('anew', 'n2', 'again');
  await until('the run continued as new', async () => {
    const { events } = await handleOf('anew').fetchHistory();
    return Boolean(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId);
  });
  await post('anew', 'n1', 'first');
  await post('anew', 'n3', 'over');
  assert.deepEqual(await handleOf('anew').result(), ['first', 'again', 'over']);
});

test('a late redelivery of any signal of an earlier run starts nothing, and goes to a later run that is open', async () => {
  for (const [first, last] of [
    ['l1', 'l2'],
    ['l3', 'l4'],
  ] as const) {
    await post('earlier', first, 'one');
    await post('earlier', last, 'over');
    assert.deepEqual(await handleOf('earlier').result(), ['one', 'over']);
  }
  const listed = async () => (await gateway.client.workflow.count("WorkflowId = 'city:earlier'")).count;
  await until('both runs are listed', async () => (await listed()) === 2);
  const { runId } = await handleOf('earlier').describe();

  for (const id of ['l1', 'l2', 'l3', 'l4']) {
    await post('earlier', id, 'late');
    assert.equal(gateway.received.at(-1)?.outcome, 'duplicate');
    assert.equal((await handleOf('earlier').describe()).runId, runId);
  }

  await post('earlier', 'l5', 'open');
  await post('earlier', 'l2', 'late');
  await until('the open run has both', async () => (await effectsOf('earlier')).length === 2);
  assert.deepEqual(await effectsOf('earlier'), ['open', 'late']);
});

test('a late redelivery to a closed run starts nothing, and a new event starts the next run', async () => {
  await post('closed', 'c1', 'one');
  await post('closed', 'c2', 'over');
  const first = await handleOf('closed').result();
  assert.deepEqual(first, ['one', 'over']);
  const { runId } = await handleOf('closed').describe();

  assertAccepted(await post('closed', 'c1', 'one'), '/events/%2Fweather/c1');
  assert.equal((await handleOf('closed').describe()).runId, runId);
  assert.equal(gateway.received.at(-1)?.outcome, 'duplicate');

  await post('closed', 'c3', 'over');
  assert.deepEqual(await handleOf('closed').result(), ['over']);
  const second = (await handleOf('closed').describe()).runId;
  assert.notEqual(second, runId);

  // The gateway also finds the event of the run before the last one.
  const listed = async () => (await gateway.client.workflow.count("EventId = 'c1'")).count;
  await until('the first run is listed', async () => (await listed()) === 1);
  await post('closed', 'c1', 'one');
  assert.equal((await handleOf('closed').describe()).runId, second);
});

test('a closed run whose history has more than the client accepts in one answer blocks no event', async () => {
  const value = 'x'.repeat(900_000);
  for (let n = 1; n <= 12; n++)
    assertAccepted(await post('large', `l${n}`, value), `/events/%2Fweather/l${n}`);
  await handleOf('large').terminate();
  const { runId } = await handleOf('large').describe();

  await post('large', 'l12', value);
  assert.equal(gateway.received.at(-1)?.outcome, 'duplicate');
  assert.equal((await handleOf('large').describe()).runId, runId);

  assertAccepted(await post('large', 'l13', 'over'), '/events/%2Fweather/l13');
  assert.notEqual((await handleOf('large').describe()).runId, runId);
  assert.deepEqual(await handleOf('large').result(), ['over']);
});

test('the hops of emitted events count from the received event with the most hops, also after continue-as-new', async () => {
  const hops = () => handleOf('hops').query<number>('hops');
  await post('hops', 'h1', 'a');
  assert.equal(await hops(), 1);
  for (const [id, sluicehops] of [
    ['h2', 5],
    ['h3', 2],
  ] as const)
    await post('hops', id, id, '/weather', { sluicehops });
  await until('all events have their effect', async () => (await effectsOf('hops')).length === 3);
  assert.equal(await hops(), 6);
  const { events = [] } = await handleOf('hops').fetchHistory();
  const named = (events ?? []).flatMap((event) => {
    const data = event.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0]?.data;
    return data ? [(JSON.parse(Buffer.from(data).toString()) as { event: unknown }).event] : [];
  });
  assert.deepEqual(named, [
    { source: '/weather', id: 'h1' },
    { source: '/weather', id: 'h2', sluicehops: 5 },
    { source: '/weather', id: 'h3', sluicehops: 2 },
  ]);
  await post('hops', 'h4', 'again');
  await until('the run continued as new', async () => {
    const { events: latest } = await handleOf('hops').fetchHistory();
    return Boolean(latest?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId);
  });
  assert.equal(await hops(), 6);
  await post('without-hops', 'u1', 'a');
  assert.equal(await handleOf('without-hops').query<number>('hops'), 1);
});

/** A promise that is resolved by `open`. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** A delivery of another gateway that pauses between its lookup of the closed runs and its start. */
function pausedDelivery(released: Promise<void>) {
  const connection = temporalConnection({ address: temporal.address }, 4);
  const { workflowService } = connection;
  const list = workflowService.listWorkflowExecutions.bind(workflowService);
  const lookup = gate();
  Object.assign(workflowService, {
    async listWorkflowExecutions(request: Parameters<typeof list>[0]) {
      const runs = await list(request);
      lookup.open();
      await released;
      return runs;
    },
  });
  return { connection, lookup: lookup.opened, deliver: createTemporalDelivery(new Client({ connection })) };
}

test('paused deliveries start no run if another delivery of the same event has started a run that has already ended', async () => {
  await post('swift', 'w1', 'over');
  await handleOf('swift').result();
  const route = { route: 'cities', workflow: 'watchCity', queue: 'cities', signal: 'changed' };
  const start = { ...route, workflowId: 'city:swift', argument: { value: 'over' } };
  const [event] = decodeAll(
    {},
    JSON.stringify({ specversion: '1.0', id: 'w2', source: '/weather', type: 'city.changed' }),
  );
  assert.ok(event);
  const go = gate();
  const paused = Array.from({ length: 3 }, () => pausedDelivery(go.opened));
  try {
    const deliveries = paused.map(({ deliver }) => deliver(start, event, Date.now() + 30_000));
    await Promise.all(paused.map(({ lookup }) => lookup));
    await post('swift', 'w2', 'over');
    assert.deepEqual(await handleOf('swift').result(), ['over']);
    const { runId } = await handleOf('swift').describe();
    go.open();
    assert.deepEqual(await Promise.all(deliveries), ['duplicate', 'duplicate', 'duplicate']);
    assert.equal((await handleOf('swift').describe()).runId, runId);
  } finally {
    go.open();
    for (const { connection } of paused) await connection.close();
  }
});
