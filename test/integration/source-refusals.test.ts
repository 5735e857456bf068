import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceStatus } from '../../source/channel-progress.ts';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

const adcodes = Array.from({ length: 40 }, (_, number) => String(110_000 + number));

test('an event that the sink refuses goes to the dead-letter sink once, with the reason, and others go on', async (t) => {
  const cloud = await startSourceTablestore(t);
  const sink = await startReceiver(t);
  const dead = await startReceiver(t);
  const isPoison = (adcode: unknown): boolean => adcode === '110007';
  sink.answer = ({ headers }) => (isPoison(headers['ce-adcode']) ? 400 : 202);
  sink.errorBody = '{"error": "no such city"}';
  const source = await startTestSource(t, {
    ...{ ...cloud.environment, K_SINK: sink.url, SOURCE_DEAD_LETTER_SINK: dead.url, SOURCE_TRIES: '3' },
  });
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  await cloud.putMany(adcodes);
  await cloud.put('110007', [{ name: 'revision', value: 1n }]);
  await until('both poison events are set aside', () => dead.accepted.length === 2);
  await until('all others have come', () => sink.accepted.length === adcodes.length - 1);
  assert.deepEqual(
    adcodesOf(sink.accepted).sort(),
    adcodes.filter((adcode) => !isPoison(adcode)),
  );
  const tried = sink.requests.filter(({ headers }) => isPoison(headers['ce-adcode']));
  assert.equal(tried.length, 6, 'each was tried three times');
  for (const [index, { headers, body }] of dead.accepted.entries()) {
    const { 'ce-sluiceerror': reason, ...rest } = headers;
    assert.equal(decodeURIComponent(String(reason)), 'answered 400: {"error": "no such city"}');
    const posted = tried[index * 3];
    assert.equal(rest['ce-id'], posted?.headers['ce-id']);
    assert.equal(rest['ce-subject'], posted?.headers['ce-subject']);
    assert.equal(body.toString(), posted?.body.toString());
  }
  assert.equal(await source.metric('events_total', 'dead_lettered'), 2);
  assert.equal(await source.metric('events_total', 'accepted'), adcodes.length - 1);
  assert.equal(await source.notReady(), undefined);
});

test('without a dead-letter sink the channel of a refused event stands still, and no other', async (t) => {
  const cloud = await startSourceTablestore(t);
  const sink = await startReceiver(t);
  const dead = await startReceiver(t);
  sink.answer = ({ headers }) => (headers['ce-adcode'] === '110007' ? 400 : 202);
  sink.errorBody = 'no such city';
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_TRIES: '2' };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  await cloud.put('110007');
  const sentence =
    /^503 channel (\S+) stands still at an event that the sink will not have: answered 400: no such city$/;
  const reason = await until('it is not ready', async () => {
    const found = await source.notReady();
    return found !== undefined && sentence.test(found) && found;
  });
  const [, held] = sentence.exec(reason) ?? [];
  const { channels } = (await (await fetch(`${source.url}/status`)).json()) as SourceStatus;
  assert.deepEqual(
    channels.filter((channel) => channel.held).map(({ id, reason: why }) => [id, why]),
    [[held, 'answered 400: no such city']],
  );
  await cloud.putMany(adcodes);
  const described = await cloud.tunnels.describe('weather', 'sluice');
  const others = (described?.channels ?? []).filter(({ channelId }) => channelId !== held);
  assert.deepEqual([described?.channels.length, others.length], [4, 3]);
  await until('the other channels have caught up', async () => {
    const now = await cloud.tunnels.describe('weather', 'sluice');
    const counts = now?.channels.map(({ channelId, channelCount = 0n }) =>
      channelId === held ? 0n : channelCount,
    );
    return (
      counts?.reduce((sum, count) => sum + count, 0n) === BigInt(sink.accepted.length) &&
      sink.accepted.length > 20
    );
  });
  assert.ok(!adcodesOf(sink.accepted).includes('110007'));
  assert.equal(dead.requests.length, 0);
  assert.match(String(await source.notReady()), sentence);

  // Another source, when the sink takes it: it begins at the event that stood still.
  await source.stop();
  sink.answer = () => 202;
  await startTestSource(t, env);
  await until('everything has come', () => new Set(adcodesOf(sink.accepted)).size === adcodes.length);
  const ofPoison = sink.accepted.filter(({ headers }) => headers['ce-adcode'] === '110007');
  assert.equal(ofPoison.length, 2, 'the event that stood still, and the one after it');
});

for (const status of [413, 431])
  test(`a row that sink and dead-letter sink find too large (${status}) is dead-lettered with its key alone, and its channel goes on`, async (t) => {
    const cloud = await startSourceTablestore(t, { partitions: 1 });
    const sink = await startReceiver(t);
    const dead = await startReceiver(t);
    const limit = ({ body }: { body: Buffer }) => (body.length > 1_000 ? status : 202);
    sink.answer = limit;
    dead.answer = limit;
    const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_DEAD_LETTER_SINK: dead.url };
    const source = await startTestSource(t, { ...env, SOURCE_TRIES: '2' });
    await until('the source is ready', async () => (await source.notReady()) === undefined);
    await cloud.put('110000', [{ name: 'report', value: 'x'.repeat(2_000) }]);
    await until('it is set aside', () => dead.accepted.length === 1);
    await cloud.put('110000', [{ name: 'report', value: 'short' }]);
    await until('the next change has come', () => sink.accepted.length === 1);
    const [letter] = dead.accepted;
    assert.deepEqual(JSON.parse(String(letter?.body)), {
      ...{ key: { adcode: '110000', date: '2026-11-22' }, operation: 'put', omitted: ['columns'] },
    });
    assert.equal(letter?.headers['ce-sluiceerror'], `answered%20${status}`);
    assert.equal(letter?.headers['ce-id'], sink.requests[0]?.headers['ce-id']);
    assert.deepEqual([dead.requests.length, await source.notReady()], [2, undefined]);
  });
