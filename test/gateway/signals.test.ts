import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { assertTaken, send } from './http.ts';
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
`;

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let worker: TestWorker;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES });
  const workflowsPath = fileURLToPath(new URL('./workflows/watch-city.js', import.meta.url));
  worker = await startWorker(temporal.address, { taskQueue: 'cities', workflowsPath });
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
});

const post = (city: string, id: string, value: string, source = '/weather') =>
  send(gateway.port, {
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ specversion: '1.0', id, source, type: 'city.changed', city, data: { value } }),
  });

const handleOf = (city: string) => gateway.client.workflow.getHandle(`city:${city}`);
const effectsOf = (city: string) => handleOf(city).query<string[]>('effects');

test('the run of an id is started by the first event and signalled by all; each has one effect, however often it comes', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => post('beijing', 'e1', 'rain')));
  for (const answer of answers) assertTaken(answer, '/events/%2Fweather/e1');
  assertTaken(await post('beijing', 'e2', 'sun'), '/events/%2Fweather/e2');
  assertTaken(await post('beijing', 'e1', 'rain'), '/events/%2Fweather/e1');
  await until('both have had their effect', async () => (await effectsOf('beijing')).length === 2);
  assert.deepEqual(await effectsOf('beijing'), ['rain', 'sun']);
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
  await until('both have had their effect', async () => (await effectsOf('sources')).length === 2);
});

test('the search attribute EventId names who started the run and who signalled it', async () => {
  for (let n = 0; n < 25; n++) await post('listed', `id${n}`, String(n));
  await until('all have had their effect', async () => (await effectsOf('listed')).length === 25);
  const listed = (await runOf(gateway.client, 'city:listed'))?.attributes.EventId;
  assert.deepEqual(listed, ['id0', ...Array.from({ length: 19 }, (_, n) => `id${n + 6}`)]);
});

test('what was seen is remembered when the run continues as new', async () => {
  await post('anew', 'n1', 'first');
  await post('anew', 'n2', 'again');
  await until('it continued as new', async () => {
    const { events } = await handleOf('anew').fetchHistory();
    return Boolean(events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId);
  });
  await post('anew', 'n1', 'first');
  await post('anew', 'n3', 'over');
  assert.deepEqual(await handleOf('anew').result(), ['first', 'again', 'over']);
});

test('a late redelivery to a closed run starts nothing, a new event starts the next run', async () => {
  await post('closed', 'c1', 'one');
  await post('closed', 'c2', 'over');
  const first = await handleOf('closed').result();
  assert.deepEqual(first, ['one', 'over']);
  const { runId } = await handleOf('closed').describe();

  assertTaken(await post('closed', 'c1', 'one'), '/events/%2Fweather/c1');
  assert.equal((await handleOf('closed').describe()).runId, runId);
  assert.equal(gateway.received.at(-1)?.outcome, 'duplicate');

  await post('closed', 'c3', 'over');
  assert.deepEqual(await handleOf('closed').result(), ['over']);
  const second = (await handleOf('closed').describe()).runId;
  assert.notEqual(second, runId);

  // The event of the run before the last is known as well.
  const listed = async () => (await gateway.client.workflow.count("EventId = 'c1'")).count;
  await until('the first run is listed', async () => (await listed()) === 1);
  await post('closed', 'c1', 'one');
  assert.equal((await handleOf('closed').describe()).runId, second);
});
