import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adcodesOf, startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { startTunnelProxy } from '../support/tunnel-proxy.ts';
import { until } from '../support/until.ts';

const READS = { operations: ['/tunnel/readrecords'] };
const ERROR = { do: 'error', code: 'OTSParameterInvalid', status: 400, message: 'the token is broken' };

const faults: readonly (readonly [name: string, rule: object, sentence: RegExp])[] = [
  [
    'the service answers reads with OTSParameterInvalid',
    { ...READS, ...ERROR },
    /^503 channel \S+ has failed \d+ times in a row: the token is broken$/,
  ],
  [
    'the service answers reads with OTSTunnelServerUnavailable',
    { ...READS, do: 'error', code: 'OTSTunnelServerUnavailable', message: 'not now' },
    /^503 channel \S+ lags \d+ ms, more than the allowed 2000 ms: not now$/,
  ],
];
for (const [name, rule, sentence] of faults)
  test(`if ${name}, the source lags and is not ready until a read succeeds`, async (t) => {
    const cloud = await startSourceTablestore(t, { partitions: 1 });
    const sink = await startReceiver(t);
    const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_LONGEST_LAG_MS: '2000' };
    const source = await startTestSource(t, env);
    await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
    await cloud.faults(rule);
    await cloud.put('110000');
    await until('the source is not ready', async () => sentence.test(String(await source.notReadyReason())));
    await until('the source lags', async () => (await source.metric('lag_seconds')) > 0.5);
    await cloud.faults();
    await until('the source is ready again', async () => (await source.notReadyReason()) === undefined);
    await until('the change has arrived', () => sink.accepted.length === 1);
    await until('the source does not lag', async () => (await source.metric('lag_seconds')) === 0);
  });

test('a record that cannot be decoded stops only its channel, which readyz names; the channel continues when the record can be decoded', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 4 });
  const proxy = await startTunnelProxy(Number(new URL(cloud.endpoint).port));
  t.after(() => proxy.stop());
  const sink = await startReceiver(t);
  const source = await startTestSource(t, {
    ...{ ...cloud.environment, TABLESTORE_ENDPOINT: proxy.url, K_SINK: sink.url },
  });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
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
  const sentence = /^503 channel \S+ has failed \d+ times in a row: .*checksum/;
  await until('readyz names the channel', async () => sentence.test(String(await source.notReadyReason())));
  assert.ok((await source.metric('channel_failures_total')) >= 2);
  await until('other channels continue', () => sink.accepted.length > 20);
  assert.ok(!adcodesOf(sink.accepted).includes('110007'));
  proxy.alter(undefined);
  await until('all events have arrived', () => new Set(adcodesOf(sink.accepted)).size === 41);
  await until('the source is ready again', async () => (await source.notReadyReason()) === undefined);
  assert.deepEqual(source.failures, []);
});
