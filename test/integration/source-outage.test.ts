import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

const adcodes = Array.from({ length: 2_000 }, (_, number) => String(100_000 + number));

test('while the sink answers 503 nothing is lost, little is read ahead, and the lag shows', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  sink.answer = () => 503;
  const env = {
    ...cloud.environment,
    K_SINK: sink.url,
    SOURCE_LONGEST_LAG_MS: '1000',
    SOURCE_PARALLEL: '64',
  };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  for (let from = 0; from < adcodes.length; from += 200) await cloud.putMany(adcodes.slice(from, from + 200));
  await until('the source is not ready any more', async () =>
    /^503 channel \S+ is \d+ ms behind, 1000 are allowed$/.test(String(await source.notReady())),
  );
  const [before, began] = [await source.metric('lag_seconds'), performance.now()];
  await wait(500);
  const passed = (performance.now() - began) / 1_000;
  const grown = (await source.metric('lag_seconds')) - before;
  assert.ok(Math.abs(grown - passed) < 0.25, `the lag grew by ${grown} s in ${passed} s`);
  // Two pages: one that is delivered, one that waits. The service sends at most 500 records a page.
  const read = await source.metric('records_total');
  assert.ok(read <= 1_000, `${read} records were read`);
  assert.ok((await source.metric('retries_total', 'unavailable')) > 0);
  assert.equal(sink.accepted.length, 0);
  const stored = await cloud.tunnels.describe('weather', 'sluice');
  assert.equal(stored?.channels[0]?.channelCount, 0n, 'the checkpoint stays where it was');

  sink.answer = () => 202;
  await until('all have come', () => sink.accepted.length === adcodes.length, 20_000);
  assert.deepEqual(adcodesOf(sink.accepted).sort(), adcodes);
  await until('the source is ready again', async () => (await source.notReady()) === undefined);
  assert.equal(await source.metric('lag_seconds'), 0);
});

test('a sink that takes longer for a batch than the client may be silent costs neither the client nor a second event', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  sink.answer = () => wait(150, 202);
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_PARALLEL: '2', SOURCE_TIMEOUT_MS: '1000' };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  const client = async () =>
    ((await (await fetch(`${source.url}/status`)).json()) as { clientId: string }).clientId;
  const before = await client();
  const few = adcodes.slice(0, 16);
  await cloud.putMany(few);
  await until('all have come', () => sink.accepted.length === few.length);
  await until('the checkpoint is stored', async () => {
    const stored = await cloud.tunnels.describe('weather', 'sluice');
    return stored?.channels[0]?.channelCount === BigInt(few.length);
  });
  assert.equal(sink.requests.length, few.length);
  assert.equal(await client(), before);
});

test('an outage that begins while events are under way makes none of them poison, and keeps the order of rows', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const dead = await startReceiver(t);
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let came = 0;
  const tries = new Map<unknown, number>();
  sink.answer = async ({ headers: { 'ce-id': id } }) => {
    await begun;
    tries.set(id, (tries.get(id) ?? 0) + 1);
    came++;
    return came > 1 && came <= 6 ? 202 : 503;
  };
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_DEAD_LETTER_SINK: dead.url };
  const source = await startTestSource(t, { ...env, SOURCE_TRIES: '2' });
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  const few = adcodes.slice(0, 20);
  for (const revision of [1n, 2n])
    await Promise.all(few.map((adcode) => cloud.put(adcode, [{ name: 'revision', value: revision }])));
  begin();
  await until('some were tried six times', () => Math.max(0, ...tries.values()) >= 6);
  assert.equal(sink.accepted.length, 5);
  assert.equal(dead.requests.length, 0);
  sink.answer = () => 202;
  await until('all have come', () => sink.accepted.length === 2 * few.length);
  assert.equal(dead.requests.length, 0);
  const revisions = new Map<string, number[]>();
  for (const [index, adcode] of adcodesOf(sink.accepted).entries()) {
    const { columns } = JSON.parse(String(sink.accepted[index]?.body)) as { columns: { revision: number } };
    revisions.set(adcode, [...(revisions.get(adcode) ?? []), columns.revision]);
  }
  assert.deepEqual([...revisions.values()], Array(few.length).fill([1, 2]));
});

test('an event that the sink answers with an error again and again while it takes others is poison', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const dead = await startReceiver(t);
  // The others take a while, one after the other.
  sink.answer = ({ headers }) => (headers['ce-adcode'] === '100000' ? 500 : wait(10, 202));
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_DEAD_LETTER_SINK: dead.url };
  const source = await startTestSource(t, { ...env, SOURCE_TRIES: '2', SOURCE_PARALLEL: '2' });
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  const others = adcodes.slice(1, 101);
  await cloud.putMany(['100000', ...others]);
  await until('it is set aside', () => dead.accepted.length === 1);
  await until('all others have come', () => sink.accepted.length === others.length);
  assert.deepEqual(adcodesOf(dead.accepted), ['100000']);
});
