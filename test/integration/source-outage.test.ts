import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

const adcodes = Array.from({ length: 2_000 }, (_, number) => String(100_000 + number));

test('while the sink answers 503, nothing is lost, the source reads little ahead, and the lag is visible', async (t) => {
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
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  for (let from = 0; from < adcodes.length; from += 200) await cloud.putMany(adcodes.slice(from, from + 200));
  await until('the source is no longer ready', async () =>
    /^503 channel \S+ lags \d+ ms, more than the allowed 1000 ms$/.test(
      String(await source.notReadyReason()),
    ),
  );
  const [lagBefore, startedAt] = [await source.metric('lag_seconds'), performance.now()];
  await wait(500);
  const elapsed = (performance.now() - startedAt) / 1_000;
  const growth = (await source.metric('lag_seconds')) - lagBefore;
  assert.ok(Math.abs(growth - elapsed) < 0.25, `the lag grew by ${growth} s in ${elapsed} s`);
  // Two pages: one in delivery, and one read ahead. The service sends at most 500 records in a page.
  const read = await source.metric('records_total');
  assert.ok(read <= 1_000, `${read} records were read`);
  assert.ok((await source.metric('retries_total', 'unavailable')) > 0);
  assert.equal(sink.accepted.length, 0);
  const stored = await cloud.tunnels.describe('weather', 'sluice');
  assert.equal(stored?.channels[0]?.channelCount, 0n, 'the checkpoint has not moved');

  sink.answer = () => 202;
  await until('all events have arrived', () => sink.accepted.length === adcodes.length);
  assert.deepEqual(adcodesOf(sink.accepted).sort(), adcodes);
  await until('the source is ready again', async () => (await source.notReadyReason()) === undefined);
  assert.equal(await source.metric('lag_seconds'), 0);
});

test('if a slow sink needs longer for a batch than the client timeout, the source keeps its client and sends nothing twice', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  sink.answer = () => wait(150, 202);
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_PARALLEL: '2', SOURCE_TIMEOUT_MS: '1000' };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  const client = async () =>
    ((await (await fetch(`${source.url}/status`)).json()) as { clientId: string }).clientId;
  const before = await client();
  const few = adcodes.slice(0, 16);
  await cloud.putMany(few);
  await until('all events have arrived', () => sink.accepted.length === few.length);
  await until('the checkpoint is stored', async () => {
    const stored = await cloud.tunnels.describe('weather', 'sluice');
    return stored?.channels[0]?.channelCount === BigInt(few.length);
  });
  assert.equal(sink.requests.length, few.length);
  assert.equal(await client(), before);
});

test('an outage while events are in flight sends no event to the dead-letter sink, and the changes of a row keep their order', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const deadLetterSink = await startReceiver(t);
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let requests = 0;
  const attempts = new Map<unknown, number>();
  sink.answer = async ({ headers: { 'ce-id': id } }) => {
    await begun;
    attempts.set(id, (attempts.get(id) ?? 0) + 1);
    requests++;
    return requests > 1 && requests <= 6 ? 202 : 503;
  };
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_DEAD_LETTER_SINK: deadLetterSink.url };
  const source = await startTestSource(t, { ...env, SOURCE_TRIES: '2' });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  const few = adcodes.slice(0, 20);
  for (const revision of [1n, 2n])
    await Promise.all(few.map((adcode) => cloud.put(adcode, [{ name: 'revision', value: revision }])));
  begin();
  await until('some events had six attempts', () => Math.max(0, ...attempts.values()) >= 6);
  assert.equal(sink.accepted.length, 5);
  assert.equal(deadLetterSink.requests.length, 0);
  sink.answer = () => 202;
  await until('all events have arrived', () => sink.accepted.length === 2 * few.length);
  assert.equal(deadLetterSink.requests.length, 0);
  const revisions = new Map<string, number[]>();
  for (const [index, adcode] of adcodesOf(sink.accepted).entries()) {
    const { columns } = JSON.parse(String(sink.accepted[index]?.body)) as { columns: { revision: number } };
    revisions.set(adcode, [...(revisions.get(adcode) ?? []), columns.revision]);
  }
  assert.deepEqual([...revisions.values()], Array(few.length).fill([1, 2]));
});

test('an event that fails again and again while the sink accepts others goes to the dead-letter sink', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const deadLetterSink = await startReceiver(t);
  // The sink accepts the other events with a delay, so that their answers alternate with the failures.
  sink.answer = ({ headers }) => (headers['ce-adcode'] === '100000' ? 500 : wait(10, 202));
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_DEAD_LETTER_SINK: deadLetterSink.url };
  const source = await startTestSource(t, { ...env, SOURCE_TRIES: '2', SOURCE_PARALLEL: '2' });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  const others = adcodes.slice(1, 101);
  await cloud.putMany(['100000', ...others]);
  await until('the event is at the dead-letter sink', () => deadLetterSink.accepted.length === 1);
  await until('all other events have arrived', () => sink.accepted.length === others.length);
  assert.deepEqual(adcodesOf(deadLetterSink.accepted), ['100000']);
});
