import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSourceProxy } from '../support/source-proxy.ts';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

const READS = { operations: ['/tunnel/readrecords'] };
const REFUSED = { do: 'error', code: 'OTSParameterInvalid', status: 400, message: 'the token is broken' };

const faults: readonly (readonly [name: string, rule: object, sentence: RegExp])[] = [
  [
    'that the service refuses',
    { ...READS, ...REFUSED },
    /^503 channel \S+ fails, \d+ times by now: the token is broken$/,
  ],
  [
    'that the service is not able to answer',
    { ...READS, do: 'error', code: 'OTSTunnelServerUnavailable', message: 'not now' },
    /^503 channel \S+ is \d+ ms behind, 2000 are allowed: not now$/,
  ],
];
for (const [name, rule, sentence] of faults)
  test(`reads ${name} make the source behind and not ready, until it reads again`, async (t) => {
    const cloud = await startSourceTablestore(t, { partitions: 1 });
    const sink = await startReceiver(t);
    const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_LONGEST_LAG_MS: '2000' };
    const source = await startTestSource(t, env);
    await until('the source is ready', async () => (await source.notReady()) === undefined);
    await cloud.faults(rule);
    await cloud.put('110000');
    await until('it is not ready', async () => sentence.test(String(await source.notReady())));
    await until('it is behind', async () => (await source.metric('lag_seconds')) > 0.5);
    await cloud.faults();
    await until('the source is ready again', async () => (await source.notReady()) === undefined);
    await until('the change has come', () => sink.accepted.length === 1);
    await until('it is not behind', async () => (await source.metric('lag_seconds')) === 0);
  });

test('a record that cannot be decoded makes its channel fail, which is told, and no other; then it goes on', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 4 });
  const proxy = await startSourceProxy(Number(new URL(cloud.endpoint).port));
  t.after(() => proxy.stop());
  const sink = await startReceiver(t);
  const source = await startTestSource(t, {
    ...{ ...cloud.environment, TABLESTORE_ENDPOINT: proxy.url, K_SINK: sink.url },
  });
  await until('the source is ready', async () => (await source.notReady()) === undefined);
  const isBroken = (record: Buffer): boolean => record.includes('110007');
  proxy.alter((records) =>
    records.map((raw) =>
      // The last byte is the row's checksum.
      isBroken(raw.record)
        ? {
            ...raw,
            record: Buffer.concat([raw.record.subarray(0, -1), Buffer.from([~(raw.record.at(-1) ?? 0)])]),
          }
        : raw,
    ),
  );
  await cloud.put('110007');
  await cloud.putMany(Array.from({ length: 40 }, (_, number) => String(100_000 + 20_000 * number)));
  const sentence = /^503 channel \S+ fails, \d+ times by now: .*checksum/;
  await until('it is told', async () => sentence.test(String(await source.notReady())));
  assert.ok((await source.metric('channel_failures_total')) >= 2);
  await until('other channels go on', () => sink.accepted.length > 20);
  assert.ok(!adcodesOf(sink.accepted).includes('110007'));
  proxy.alter(undefined);
  await until('all have come', () => new Set(adcodesOf(sink.accepted)).size === 41);
  await until('the source is ready again', async () => (await source.notReady()) === undefined);
  assert.deepEqual(source.failures, []);
});
