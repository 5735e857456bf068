import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceStatus } from '../../source/channel-progress.ts';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

const adcodes = Array.from({ length: 40 }, (_, number) => String(110_000 + number));

test('a rejected event goes to the dead-letter sink once, with the reason, and other events continue', async (t) => {
  const cloud = await startSourceTablestore(t);
  const sink = await startReceiver(t);
  const deadLetterSink = await startReceiver(t);
  const isRejected = (adcode: unknown): boolean => adcode === '110007';
  sink.answer = ({ headers }) => (isRejected(headers['ce-adcode']) ? 400 : 202);
  sink.errorBody = '{"error": "no such city"}';
  const source = await startTestSource(t, {
    ...{
      ...cloud.environment,
      K_SINK: sink.url,
      SOURCE_DEAD_LETTER_SINK: deadLetterSink.url,
      SOURCE_TRIES: '3',
    },
  });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  await cloud.putMany(adcodes);
  await cloud.put('110007', [{ name: 'revision', value: 1n }]);
  await until('both rejected events are at the dead-letter sink', () => deadLetterSink.accepted.length === 2);
  await until('all other events have arrived', () => sink.accepted.length === adcodes.length - 1);
  assert.deepEqual(
    adcodesOf(sink.accepted).sort(),
    adcodes.filter((adcode) => !isRejected(adcode)),
  );
  const attempts = sink.requests.filter(({ headers }) => isRejected(headers['ce-adcode']));
  assert.equal(attempts.length, 6, 'each event had three attempts');
  for (const [index, { headers, body }] of deadLetterSink.accepted.entries()) {
    const { 'ce-sluiceerror': reason, ...rest } = headers;
    assert.equal(decodeURIComponent(String(reason)), 'answered 400: {"error": "no such city"}');
    const posted = attempts[index * 3];
    assert.equal(rest['ce-id'], posted?.headers['ce-id']);
    assert.equal(rest['ce-subject'], posted?.headers['ce-subject']);
    assert.equal(body.toString(), posted?.body.toString());
  }
  assert.equal(await source.metric('events_total', 'dead_lettered'), 2);
  assert.equal(await source.metric('events_total', 'accepted'), adcodes.length - 1);
  assert.equal(await source.notReadyReason(), undefined);
});

test('without a dead-letter sink, a rejected event blocks its channel and no other channel', async (t) => {
  const cloud = await startSourceTablestore(t);
  const sink = await startReceiver(t);
  const unusedSink = await startReceiver(t);
  sink.answer = ({ headers }) => (headers['ce-adcode'] === '110007' ? 400 : 202);
  sink.errorBody = 'no such city';
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_TRIES: '2' };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  await cloud.put('110007');
  const sentence =
    /^503 channel (\S+) is blocked: no sink accepts one of its events: answered 400: no such city$/;
  const reason = await until('the source is not ready', async () => {
    const found = await source.notReadyReason();
    return found !== undefined && sentence.test(found) && found;
  });
  const [, blocked] = sentence.exec(reason) ?? [];
  const { channels } = (await (await fetch(`${source.url}/status`)).json()) as SourceStatus;
  assert.deepEqual(
    channels.filter((channel) => channel.held).map(({ id, reason: why }) => [id, why]),
    [[blocked, 'answered 400: no such city']],
  );
  await cloud.putMany(adcodes);
  const described = await cloud.tunnels.describe('weather', 'sluice');
  const others = (described?.channels ?? []).filter(({ channelId }) => channelId !== blocked);
  assert.deepEqual([described?.channels.length, others.length], [4, 3]);
  await until('the other channels have caught up', async () => {
    const current = await cloud.tunnels.describe('weather', 'sluice');
    const counts = current?.channels.map(({ channelId, channelCount = 0n }) =>
      channelId === blocked ? 0n : channelCount,
    );
    return (
      counts?.reduce((sum, count) => sum + count, 0n) === BigInt(sink.accepted.length) &&
      sink.accepted.length > 20
    );
  });
  assert.ok(!adcodesOf(sink.accepted).includes('110007'));
  assert.equal(unusedSink.requests.length, 0);
  assert.match(String(await source.notReadyReason()), sentence);

  // The next source starts at the event that blocked the channel, and the sink now accepts it.
  await source.stop();
  sink.answer = () => 202;
  await startTestSource(t, env);
  await until('everything has arrived', () => new Set(adcodesOf(sink.accepted)).size === adcodes.length);
  const unblocked = sink.accepted.filter(({ headers }) => headers['ce-adcode'] === '110007');
  assert.equal(unblocked.length, 2, 'the event that blocked the channel, and the next one of its row');
});

for (const status of [413, 431])
  test(`a row that is too large for both sinks (${status}) is dead-lettered with only its key, and its channel continues`, async (t) => {
    const cloud = await startSourceTablestore(t, { partitions: 1 });
    const sink = await startReceiver(t);
    const deadLetterSink = await startReceiver(t);
    const limit = ({ body }: { body: Buffer }) => (body.length > 1_000 ? status : 202);
    sink.answer = limit;
    deadLetterSink.answer = limit;
    const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_DEAD_LETTER_SINK: deadLetterSink.url };
    const source = await startTestSource(t, { ...env, SOURCE_TRIES: '2' });
    await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
    await cloud.put('110000', [{ name: 'report', value: 'x'.repeat(2_000) }]);
    await until('the event is at the dead-letter sink', () => deadLetterSink.accepted.length === 1);
    await cloud.put('110000', [{ name: 'report', value: 'short' }]);
    await until('the next change has arrived', () => sink.accepted.length === 1);
    const [letter] = deadLetterSink.accepted;
    assert.deepEqual(JSON.parse(String(letter?.body)), {
      ...{ key: { adcode: '110000', date: '2026-11-22' }, operation: 'put', omitted: ['columns'] },
    });
    assert.equal(letter?.headers['ce-sluiceerror'], `answered%20${status}`);
    assert.equal(letter?.headers['ce-id'], sink.requests[0]?.headers['ce-id']);
    assert.deepEqual([deadLetterSink.requests.length, await source.notReadyReason()], [2, undefined]);
  });
