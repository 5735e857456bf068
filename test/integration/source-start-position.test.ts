import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory, undoAfter } from '../local/local-cloud.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

const rows = Array.from({ length: 100 }, (_, number) => String(110_000 + number));

test('the first source of a table with rows emits only later changes', async (t) => {
  const cloud = await startSourceTablestore(t);
  await cloud.putMany(rows);
  const sink = await startReceiver(t);
  const source = await startTestSource(t, { ...cloud.environment, K_SINK: sink.url });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  const changed = rows.slice(0, 8);
  await cloud.putMany(changed);
  await until('the changes have arrived', () => sink.accepted.length >= changed.length);
  assert.deepEqual(adcodesOf(sink.requests).sort(), changed);
  assert.ok(sink.requests.every(({ headers }) => headers['ce-basedata'] === undefined));
});

test('with SOURCE_BASE=on, all rows come first, marked as base data, and then the changes', async (t) => {
  const cloud = await startSourceTablestore(t);
  await cloud.putMany(rows);
  const sink = await startReceiver(t);
  await startTestSource(t, { ...cloud.environment, K_SINK: sink.url, SOURCE_BASE: 'on' });
  await until('the base data has arrived', () => sink.accepted.length === rows.length);
  assert.deepEqual(adcodesOf(sink.accepted).sort(), rows);
  assert.ok(sink.accepted.every(({ headers }) => headers['ce-basedata'] === 'true'));
  const data = JSON.parse(String(sink.accepted[0]?.body)) as { base?: boolean; operation: string };
  assert.deepEqual([data.base, data.operation], [true, 'put']);
  await cloud.put('110000', [{ name: 'revision', value: 1n }]);
  await until('the change has arrived', () => sink.accepted.length === rows.length + 1);
  const last = sink.accepted.at(-1);
  assert.equal(last?.headers['ce-basedata'], undefined);
  assert.equal((JSON.parse(String(last?.body)) as { base?: boolean }).base, undefined);
});

test('while the sink accepts base data slowly, the source does not lag and stays ready', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  await cloud.putMany(rows);
  const sink = await startReceiver(t);
  let accept = (): void => undefined;
  const gate = new Promise<number>((resolve) => {
    accept = () => resolve(202);
  });
  sink.answer = () => gate;
  const source = await startTestSource(t, { ...cloud.environment, K_SINK: sink.url, SOURCE_BASE: 'on' });
  await until('base data is in flight', async () => (await source.metric('in_flight')) === 16);
  assert.deepEqual([await source.notReadyReason(), await source.metric('lag_seconds')], [undefined, 0]);
  assert.equal(sink.requests[0]?.headers['ce-time'], undefined);
  accept();
  await until('the base data has arrived', () => sink.accepted.length === rows.length);
});

test('a source that is stopped stores its checkpoints, so that the next source sends nothing twice', async (t) => {
  const cloud = await startSourceTablestore(t);
  const sink = await startReceiver(t);
  const dir = await temporaryDirectory(t);
  // On a busy machine, a source with a short timeout can lose its channels, and then sends some changes again.
  const environment = { ...cloud.environment, SOURCE_TIMEOUT_MS: '30000', K_SINK: sink.url };
  const first = await startProcess(t, join(dir, 'first.log'), environment);
  await until('the tunnel has its client', async () => {
    const described = await cloud.tunnels.describe('weather', 'sluice');
    return (
      described?.channels.length === 4 &&
      described.channels.every(({ channelStatus }) => channelStatus === 'OPEN')
    );
  });
  for (let round = 0; round < 20; round++) await cloud.putMany(rows);
  await until('a batch is in flight', () => sink.accepted.length > 200);
  await first.stop();
  const before = sink.accepted.length;
  assert.ok(before < 2_000, 'the source was stopped too late for this test');
  await startProcess(t, join(dir, 'second.log'), environment);
  await until('everything has arrived', () => sink.accepted.length >= 2_000);
  await cloud.put('999999');
  await until('the last change has arrived', () => adcodesOf(sink.accepted).includes('999999'));
  assert.equal(sink.requests.length, 2_001);
  assert.equal(new Set(sink.requests.map(({ headers }) => headers['ce-id'])).size, 2_001);
});

async function startProcess(
  t: TestContext,
  log: string,
  env: Readonly<Record<string, string>>,
): Promise<SluiceProcess> {
  const child = new SluiceProcess('source', { PORT: '0', ...env, SOURCE_DRAIN_MS: '15000' }, log);
  undoAfter(t, () => child.kill('SIGKILL'));
  await child.start();
  return child;
}
