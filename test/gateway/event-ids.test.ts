import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defineSearchAttributeKey } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { FoundRun } from '../../gateway/operator/find-runs.ts';
import { seededRandom } from '../../local/faults/seeded-random.ts';
import { prepareSluice } from '../cli/sluice.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { startWorker, type TestWorker } from '../support/test-worker.ts';
import { until } from '../support/until.ts';
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
    attributes: { City: "{city}" }
  - name: starts
    match: { type: [city.started] }
    workflow: watchCity
    queue: nobody
    id: "start:{id}"
`;

const SEED = 20261129;
const EVENTS = 24;

/** Values that broke queries: quotes, operators of query languages, wildcards, and a value that matches other values. */
const KNOWN = [
  'a"b',
  'a\\b',
  "a'b",
  '%',
  '_',
  '*',
  'a?b',
  '订单',
  'x" OR "y',
  '"',
  '..',
  '.',
  'a/../b',
  "''",
  '\\"',
  '-1',
];

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let worker: TestWorker;
const workflowsPath = fileURLToPath(new URL('./workflows/watch-city.js', import.meta.url));
const histories = fileURLToPath(new URL('../../../test/gateway/histories/', import.meta.url));
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES });
  worker = await startWorker(temporal.address, { taskQueue: 'cities', workflowsPath });
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await temporal?.stop();
});

interface Sent {
  readonly id: string;
  readonly source: string;
  readonly city: string;
  readonly value?: string;
  readonly type?: string;
}

const post = async ({ id, source, city, value = 'over', type = 'city.changed' }: Sent) => {
  const event = { specversion: '1.0', id, source, type, city, data: { value } };
  const answer = await send(gateway.port, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  assert.equal(answer.status, 202, `${JSON.stringify(id)}: ${answer.body}`);
  return answer;
};

/** Returns what `GET <Location>` finds. The URL is parsed as clients parse it. */
async function runsAt(location: string): Promise<readonly FoundRun[]> {
  const answer = await fetch(new URL(location, gateway.url));
  const body = await answer.text();
  assert.equal(answer.status, 200, `${location}: ${body}`);
  return (JSON.parse(body) as { runs: FoundRun[] }).runs;
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Returns a text of 1 to 64 characters of all of Unicode that CloudEvents allows. */
function randomText(random: () => number): string {
  const length = 1 + Math.floor(random() * 64);
  let text = '';
  while ([...text].length < length) {
    const limit = random() < 0.5 ? 0x7f : 0x11_0000;
    const character = String.fromCodePoint(Math.floor(random() * limit));
    if (!/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(character)) text += character;
  }
  return text;
}

test(`events with any id and source start one run, have one effect, and are found (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const texts = [...KNOWN, ...Array.from({ length: EVENTS }, () => randomText(random))];
  const check = async (id: string, index: number): Promise<void> => {
    const source = index % 2 === 0 ? '/s' : id;
    const city = index % 3 === 0 ? id : `c${index}`;
    const event = { id, source, city: `${index}${city}` };

    const started = { ...event, type: 'city.started' };
    const { headers } = await post(started);
    await post(started);
    const outcomes = gateway.received.filter(({ event: of, route }) => of?.id === id && route === 'starts');
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['started', 'duplicate'],
      id,
    );

    await post(event);
    const workflowId = gateway.received.findLast((result) => result.event?.id === id)?.workflowId ?? '';
    const handle = gateway.client.workflow.getHandle(workflowId);
    await handle.result();
    await post({ ...event, id: `next ${index}` });
    await handle.result();
    const { runId } = await handle.describe();

    const location = String(headers.location);
    const found = await until(`both runs of ${JSON.stringify(id)} are listed`, async () => {
      const runs = await runsAt(location);
      return runs.length === 2 && runs;
    });
    assert.deepEqual(found.map(({ route }) => route).sort(), ['cities', 'starts'], id);
    await post(event);
    assert.equal(gateway.received.findLast((result) => result.event?.id === id)?.outcome, 'duplicate', id);
    assert.equal((await handle.describe()).runId, runId, id);
  };
  const waiting = [...texts.entries()];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await check(next[1], next[0]);
    }),
  );
});

test('a value with other characters is hashed in every search attribute, and whole in the memo', async () => {
  await post({ id: 'e?1', source: '/s?1', city: 'c?1' });
  await post({ id: 'e.1', source: '/s_1-', city: 'A b:1@c+d=e' });
  const hashed = await runOf(gateway.client, 'city:c?1');
  // The server adds another attribute when a worker has answered.
  const { BuildIds: _buildIds, ...attributes } = hashed?.attributes ?? {};
  assert.deepEqual(attributes, {
    Route: 'cities',
    EventSource: sha256('/s?1'),
    EventId: [sha256('e?1')],
    City: sha256('c?1'),
  });
  assert.deepEqual(hashed?.memo?.searchAttributes, { City: 'c?1' });
  assert.equal((hashed?.memo?.event as { id?: string } | undefined)?.id, 'e?1');
  const plain = await runOf(gateway.client, 'city:A b:1@c+d=e');
  assert.equal(plain?.attributes.City, 'A b:1@c+d=e');
  assert.equal(plain?.memo?.searchAttributes, undefined);
});

test('runs of earlier builds, whose keywords are unescaped, are found if the server can find them', async () => {
  const ids = ['old?1', '旧的', 'old"1', 'old\\1', 'x" OR "old?1'];
  for (const [index, id] of ids.entries())
    await gateway.client.workflow.start('watchCity', {
      taskQueue: 'nobody',
      workflowId: `old-${index}`,
      typedSearchAttributes: [
        { key: defineSearchAttributeKey('EventSource', 'KEYWORD'), value: '/old' },
        { key: defineSearchAttributeKey('EventId', 'KEYWORD_LIST'), value: [id] },
      ],
    });
  await until(
    'they are listed',
    async () => (await gateway.client.workflow.count("EventSource = '/old'")).count === ids.length,
  );
  const found: string[] = [];
  for (const id of ids) {
    const runs = await runsAt(`/events/%2Fold/${encodeURIComponent(id)}`);
    found.push(runs.map(({ workflowId }) => workflowId).join());
  }
  assert.deepEqual(found, ['old-0', 'old-1', '', '', '']);
});

test('a redelivery to a closed run of an earlier build starts nothing', async () => {
  const event = { id: '旧?1', source: '/s', city: 'earlier' };
  await gateway.client.workflow.signalWithStart('watchCity', {
    taskQueue: 'cities',
    workflowId: 'city:earlier',
    args: [{}],
    signal: 'changed',
    signalArgs: [{ event: { source: event.source, id: event.id }, input: { value: 'over' } }],
    typedSearchAttributes: [{ key: defineSearchAttributeKey('EventId', 'KEYWORD_LIST'), value: [event.id] }],
  });
  const handle = gateway.client.workflow.getHandle('city:earlier');
  await handle.result();
  await post({ ...event, id: 'newer' });
  await handle.result();
  const { runId } = await handle.describe();
  await until(
    'both runs are listed',
    async () => (await gateway.client.workflow.count("WorkflowId = 'city:earlier'")).count === 2,
  );
  await post(event);
  assert.equal(gateway.received.at(-1)?.outcome, 'duplicate');
  assert.equal((await handle.describe()).runId, runId);
});

test('a recorded run of an earlier build, which listed ids unescaped, replays', async () => {
  const file = `${histories}watch-city-unescaped-ids.json`;
  await Worker.runReplayHistory({ workflowsPath }, JSON.parse(readFileSync(file, 'utf8')));
});

test('sluice trace finds an event by an id with quotes, and takes an id that begins with - after --', async () => {
  const sluice = prepareSluice(() => ({
    SLUICE_GATEWAY: gateway.url,
    SLUICE_TEMPORAL_ADDRESS: temporal.address,
  }));
  try {
    for (const id of ['trace "1" \\ 订单', '--dashes', '..']) {
      await post({ id, source: '/trace', city: `trace${id.length}`, type: 'city.started' });
      await until('it is listed', async () => {
        const { code, stdout } = await sluice(['trace', '--', '/trace', id]);
        return code === 0 && /watchCity by route starts/.test(stdout);
      });
    }
    const { code, stderr } = await sluice(['trace', '/trace', '--dashes']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^sluice trace: Unknown option '--dashes'; an argument that begins with - comes after --; see/m,
    );
  } finally {
    sluice.remove();
  }
});

test('the Location of an id or source that a URL cannot have as a path segment is a query', async () => {
  for (const [id, source, location] of [
    ['..', '/s', '/events/lookup?source=%2Fs&id=..'],
    ['.', '/s', '/events/lookup?source=%2Fs&id=.'],
    ['1', '..', '/events/lookup?source=..&id=1'],
    ['a/../b', '/s', '/events/%2Fs/a%2F..%2Fb'],
    ['...', '/s', '/events/%2Fs/...'],
  ] as const)
    assertAccepted(await post({ id, source, city: `location${id.length}`, type: 'city.started' }), location);
});
