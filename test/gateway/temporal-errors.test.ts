import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { meaningOfTemporalError } from '../../gateway/temporal/temporal-errors.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
import { assertAccepted, assertRejected, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const ROUTES = `
routes:
  - name: cities
    match: { type: [city.changed] }
    workflow: watchCity
    queue: cities
    id: "city:{city}"
    signal: changed
    input: { value: "{data.value}" }
  - name: starts
    match: { type: [city.started] }
    workflow: watchCity
    queue: nobody
    id: "start:{id}"
    attributes: { City: "{city}", Unregistered: "{data.unregistered?}" }
`;

const MAX_SIGNALS = 4;
const MAX_HISTORY_EVENTS = 40;
const MAX_BLOB_BYTES = 20_000;

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let worker: TestWorker;
const workflowsPath = fileURLToPath(new URL('./workflows/watch-city.js', import.meta.url));
before(async () => {
  temporal = await startTemporal({
    dynamicConfig: {
      'history.maximumSignalsPerExecution': MAX_SIGNALS,
      'limit.blobSize.error': MAX_BLOB_BYTES,
      'limit.blobSize.warn': MAX_BLOB_BYTES,
    },
  });
  gateway = await startGateway(temporal.address, { routes: ROUTES });
  worker = await startWorker(temporal.address, { taskQueue: 'cities', workflowsPath });
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
});

type Gateway = Pick<Awaited<ReturnType<typeof startGateway>>, 'port'>;
const post = (
  { port }: Gateway,
  { city, id, value = 'rain', type = 'city.changed', ...data }: Record<string, string>,
) =>
  send(port, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ specversion: '1.0', id, source: '/s', type, city, data: { value, ...data } },
    }),
  });

test(`an event for a run that has its maximum of signals gets 503 until the run ends; a received event gets 202`, async () => {
  for (let n = 0; n < MAX_SIGNALS; n++)
    assertAccepted(await post(gateway, { city: 'full', id: `f${n}` }), `/events/%2Fs/f${n}`);
  const sentence = assertRejected(await post(gateway, { city: 'full', id: 'late' }), 503);
  assert.match(sentence, /exceeded workflow execution limit for signal events/);
  // While a workflow task runs, the server keeps new signals outside of the history.
  const again = await until('the signal is in the history', async () => {
    const answer = await post(gateway, { city: 'full', id: 'f1' });
    return answer.status === 202 && answer;
  });
  assertAccepted(again, '/events/%2Fs/f1');
  assert.equal(gateway.received.at(-1)?.outcome, 'duplicate');
  await gateway.client.workflow.getHandle('city:full').terminate('the test ends it');
  assertAccepted(await post(gateway, { city: 'full', id: 'late' }), '/events/%2Fs/late');
});

test('an argument over the size limit gets 422, and the event is parked', async () => {
  const answer = await post(gateway, { city: 'x', id: 'blob', value: 'x'.repeat(MAX_BLOB_BYTES + 1) });
  assert.match(assertRejected(answer, 422), /Blob data size exceeds limit/);
  assert.match(gateway.received.at(-1)?.reason ?? '', /Blob data size/);
});

test('a search attribute that is not registered gets 503', async () => {
  const answer = await post(gateway, {
    city: 'x',
    id: 'unregistered',
    type: 'city.started',
    unregistered: 'x',
  });
  assert.match(assertRejected(answer, 503), /no mapping defined for search attribute Unregistered/);
});

test('a namespace that does not exist gets 503', async () => {
  const elsewhere = await startGateway(temporal.address, { routes: ROUTES, namespace: 'nowhere' });
  try {
    for (const type of ['city.changed', 'city.started'])
      assert.match(
        assertRejected(await post(elsewhere, { city: 'x', id: 'nowhere', type }), 503),
        /Namespace not found: 'nowhere'/,
      );
  } finally {
    await elsewhere.stop();
  }
});

for (const [name, dynamicConfig, details] of [
  [
    'too many events',
    { 'limit.historyCount.error': MAX_HISTORY_EVENTS, 'limit.historyCount.suggestContinueAsNew': 1_000 },
    /Workflow history count exceeds limit/,
  ],
  [
    'too many bytes',
    { 'limit.historySize.error': 20_000, 'limit.historySize.suggestContinueAsNew': 1_000_000 },
    /Workflow history size exceeds limit/,
  ],
] as const)
  test(`if a run is terminated because its history has ${name}, the event gets 503, and the next attempt starts the next run`, async () => {
    const limited = await startTemporal({ dynamicConfig });
    const smallRuns = await startGateway(limited.address, { routes: ROUTES });
    try {
      let refused = 0;
      for (let n = 0; refused === 0 && n < 200; n++) {
        const answer = await post(smallRuns, { city: 'long', id: `l${n}`, value: 'v'.repeat(400) });
        if (answer.status === 202) continue;
        assert.match(assertRejected(answer, 503), details);
        refused = n;
      }
      assert.ok(refused > 1, `${refused}`);
      const { runId } = await smallRuns.client.workflow.getHandle('city:long').describe();
      await until(
        'the run is closed',
        async () =>
          (await smallRuns.client.workflow.getHandle('city:long').describe()).status.name === 'TERMINATED',
      );
      assertAccepted(
        await post(smallRuns, { city: 'long', id: `l${refused}`, value: 'v' }),
        `/events/%2Fs/l${refused}`,
      );
      const next = await smallRuns.client.workflow.getHandle('city:long').describe();
      assert.notEqual(next.runId, runId);
    } finally {
      await smallRuns.stop();
      await limited.stop();
    }
  });

test('a namespace that has used up its requests per second gets 503', async () => {
  const limited = await startTemporal({
    dynamicConfig: { 'frontend.namespaceRPS': 3, 'frontend.namespaceBurstRatio': 1 },
  });
  const slow = await startGateway(limited.address, { routes: ROUTES });
  try {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => post(slow, { city: `c${n}`, id: `r${n}`, type: 'city.started' })),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    assert.ok(statuses.has(503), [...statuses].join());
    for (const status of statuses) assert.ok(status === 202 || status === 503, `${status}`);
  } finally {
    await slow.stop();
    await limited.stop();
  }
});

const codes = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

for (const name of Object.keys(codes) as (keyof typeof codes)[]) {
  const expected = name === 'INVALID_ARGUMENT' ? 'wrong request' : 'unavailable';
  test(`without a rule for its text, ${name} means ${expected}`, () =>
    assert.equal(meaningOfTemporalError(codes[name], 'some text'), expected));
}

// The texts are those of the server's source, version 1.29.1.
const texts: readonly (readonly [code: keyof typeof codes, details: string, meaning: string])[] = [
  ['INVALID_ARGUMENT', 'exceeded workflow execution limit for signal events', 'unavailable'],
  ['INVALID_ARGUMENT', 'Workflow history size exceeds limit.', 'unavailable'],
  ['INVALID_ARGUMENT', 'Workflow history count exceeds limit.', 'unavailable'],
  ['INVALID_ARGUMENT', 'Workflow mutable state size exceeds limit.', 'unavailable'],
  ['INVALID_ARGUMENT', 'Blob data size exceeds limit.', 'wrong request'],
  ['INVALID_ARGUMENT', 'Memo size exceeds limit.', 'wrong request'],
  ['INVALID_ARGUMENT', 'WorkflowId length exceeds limit.', 'wrong request'],
  ['INVALID_ARGUMENT', 'WorkflowType length exceeds limit.', 'wrong request'],
  ['INVALID_ARGUMENT', 'SignalName length exceeds limit.', 'wrong request'],
  ['INVALID_ARGUMENT', 'taskQueue length exceeds limit', 'wrong request'],
  ['INVALID_ARGUMENT', 'task queue name cannot start with reserved prefix /_sys/', 'wrong request'],
  ['INVALID_ARGUMENT', 'Namespace default has no mapping defined for search attribute X', 'unavailable'],
  ['INVALID_ARGUMENT', 'Namespace default has no mapping defined for field name Keyword01', 'unavailable'],
  ['INVALID_ARGUMENT', 'search attribute X is not defined', 'unavailable'],
  ['INVALID_ARGUMENT', 'unable to get X search attribute type: unknown', 'unavailable'],
  ['INVALID_ARGUMENT', 'invalid value for search attribute City of type Int: x', 'unavailable'],
  ['INVALID_ARGUMENT', 'invalid value for search attribute Mine of type Int: x', 'wrong request'],
  ['INVALID_ARGUMENT', 'search attribute City value size 3000 exceeds size limit 2048', 'wrong request'],
  ['INVALID_ARGUMENT', 'total size of search attributes 41000 exceeds size limit 40960', 'wrong request'],
  ['INVALID_ARGUMENT', 'number of search attributes 101 exceeds limit 100', 'wrong request'],
  ['RESOURCE_EXHAUSTED', 'grpc: received message larger than max (5000000 vs. 4194304)', 'wrong request'],
  // An answer that is too large for the client.
  ['RESOURCE_EXHAUSTED', 'Received message larger than max (5601732 vs 4194304)', 'unavailable'],
  ['RESOURCE_EXHAUSTED', 'namespace rate limit exceeded', 'unavailable'],
  ['RESOURCE_EXHAUSTED', 'Workflow is busy.', 'unavailable'],
  ['RESOURCE_EXHAUSTED', 'workflow operation can not be applied because workflow is closing', 'unavailable'],
  ['RESOURCE_EXHAUSTED', 'Action per second limit exceeded.', 'unavailable'],
  ['FAILED_PRECONDITION', 'Workflow state is not ready to handle the request.', 'unavailable'],
  ['FAILED_PRECONDITION', 'Namespace has invalid state: Deleted', 'unavailable'],
  ['NOT_FOUND', "Namespace not found: 'nowhere'", 'unavailable'],
  ['NOT_FOUND', 'workflow execution not found', 'unavailable'],
];

for (const [code, details, meaning] of texts)
  test(`${code} with the text ${JSON.stringify(details)} means ${meaning}`, () =>
    assert.equal(meaningOfTemporalError(codes[code], details), meaning));

test('an error without a gRPC code means unavailable', () =>
  assert.equal(meaningOfTemporalError(undefined, 'Blob data size exceeds limit.'), 'unavailable'));
