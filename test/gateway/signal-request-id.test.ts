import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withSignalRequestId } from '../../runtime/signal-request-id.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const ROUTES = `
routes:
  - name: counted
    match: { type: [city.changed] }
    workflow: countSignals
    queue: counters
    id: "{city}"
    signal: changed
    input: { value: "{data.value?}" }
  - name: also
    match: { type: [city.both] }
    workflow: countSignals
    queue: counters
    id: "{city}"
    signal: changed
    input: {}
  - name: again
    match: { type: [city.both] }
    workflow: countSignals
    queue: counters
    id: "{city}"
    signal: changed
    input: {}
`;

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let worker: TestWorker;
const workflowsPath = fileURLToPath(new URL('./workflows/count-signals.js', import.meta.url));
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES });
  worker = await startWorker(temporal.address, { taskQueue: 'counters', workflowsPath });
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
});

interface Change {
  readonly id: string;
  readonly source?: string;
  readonly value?: string;
  readonly type?: string;
}

async function post(city: string, { id, source = '/s', value = '', type = 'city.changed' }: Change) {
  const answer = await send(gateway.port, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ specversion: '1.0', id, source, type, city, data: { value } }),
  });
  assertAccepted(answer, `/events/${encodeURIComponent(source)}/${id}`);
}

const handleOf = (city: string) => gateway.client.workflow.getHandle(city);
const countOf = (city: string) => handleOf(city).query<number>('count');

test('a workflow without the helper gets each event once while the run is open, also if 50 arrive at the same time', async () => {
  await Promise.all(Array.from({ length: 50 }, () => post('open', { id: 'e1' })));
  await post('open', { id: 'e2' });
  await post('open', { id: 'e1' });
  assert.equal(await countOf('open'), 2);
});

test('events of two sources with one id, and one event on two routes, are different signals', async () => {
  await post('two', { id: 'e1' });
  await post('two', { id: 'e1', source: '/t' });
  assert.equal(await countOf('two'), 2);
  await post('two', { id: 'e9', type: 'city.both' });
  await post('two', { id: 'e9', type: 'city.both' });
  assert.equal(await countOf('two'), 4);
});

test('a workflow without the helper gets an event again after the run has continued as new', async () => {
  await post('anew', { id: 'e1' });
  await post('anew', { id: 'e2', value: 'again' });
  await until('the run continued as new', async () => {
    const { events } = await handleOf('anew').fetchHistory();
    return Boolean(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId);
  });
  await post('anew', { id: 'e1' });
  assert.equal(await countOf('anew'), 3);
});

test('a workflow without the helper gets an event again after a reset of the run', async () => {
  await post('reset', { id: 'e1' });
  assert.equal(await countOf('reset'), 1);
  const { runId } = await handleOf('reset').describe();
  const { events } = await handleOf('reset').fetchHistory();
  const firstTask = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  await gateway.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: 'reset', runId },
    workflowTaskFinishEventId: firstTask?.eventId ?? null,
    requestId: randomUUID(),
    reason: 'test',
  });
  await post('reset', { id: 'e1' });
  await until('the new run has both signals', async () => (await countOf('reset')) === 2);
});

test('an event for a closed run that has received it starts nothing', async () => {
  await post('closed', { id: 'e1' });
  await post('closed', { id: 'e2', value: 'over' });
  assert.equal(await handleOf('closed').result(), 2);
  const { runId } = await handleOf('closed').describe();
  for (const id of ['e1', 'e2']) {
    await post('closed', { id });
    assert.equal(gateway.received.at(-1)?.outcome, 'duplicate');
  }
  assert.equal((await handleOf('closed').describe()).runId, runId);
});

test('the request id is set only on the signal or signal-with-start of the call', async () => {
  const { client } = gateway;
  const started = await withSignalRequestId(client, 'request-1', () =>
    client.workflow.start('countSignals', { taskQueue: 'counters', workflowId: 'other-call', args: [{}] }),
  );
  await withSignalRequestId(client, 'request-1', () => started.signal('changed', { event: {}, input: {} }));
  await withSignalRequestId(client, 'request-1', () => started.signal('changed', { event: {}, input: {} }));
  const signalWithStart = () =>
    client.workflow.signalWithStart('countSignals', {
      ...{ taskQueue: 'counters', workflowId: 'other-call', args: [{}], signal: 'changed' },
      signalArgs: [{ event: {}, input: {} }],
    });
  await signalWithStart();
  await signalWithStart();
  await withSignalRequestId(client, 'request-2', signalWithStart);
  await withSignalRequestId(client, 'request-2', signalWithStart);
  // The second signal and the second signal-with-start with the same request id are dropped.
  assert.equal(await started.query('count'), 4);
});

test('an event that signals an open run of a workflow without the helper is found by its Location', async () => {
  await post('found', { id: 'f1' });
  await post('found', { id: 'f2' });
  for (const id of ['f1', 'f2']) {
    const runs = await until(`the run of ${id} is found`, async () => {
      const answer = await send(gateway.port, { method: 'GET', path: `/events/%2Fs/${id}` });
      const { runs: found } = JSON.parse(answer.body) as { runs: { workflowId: string }[] };
      return found.length > 0 && found;
    });
    assert.deepEqual(
      runs.map(({ workflowId }) => workflowId),
      ['found'],
    );
  }
});

test('if one event rejects its batch, the reason names it, and the results of the others say so', async () => {
  const event = (id: string, more: object) => ({
    ...{ specversion: '1.0', id, source: '/batch', type: 'city.changed' },
    ...more,
  });
  const answer = await send(gateway.port, {
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: JSON.stringify([event('b0', { city: 'batch' }), event('b1', {})]),
  });
  const reason = 'event 1 of the batch: route counted: the event has no city';
  assert.equal(assertRejected(answer, 422), reason);
  const results = gateway.received.filter(({ event: of }) => of?.source === '/batch');
  assert.deepEqual(
    results.map(({ event: of, outcome, reason: why }) => [of?.id, outcome, why]),
    [
      ['b0', 'rejected', `with its batch, because of ${reason}`],
      ['b1', 'rejected', reason],
    ],
  );
});
