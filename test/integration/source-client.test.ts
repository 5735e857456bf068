import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { consumeTunnel } from '../../ots/tunnel/consume-tunnel.ts';
import { temporaryDirectory, undoAfter } from '../local/local-cloud.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { startReceiver } from '../support/source-receiver.ts';
import { startSourceTablestore, startTestSource } from '../support/source-tablestore.ts';
import { until } from '../support/until.ts';

const adcodes = Array.from({ length: 200 }, (_, number) => String(110_000 + number));

/** Consumes a tunnel until `isDone`. Returns the observed events: lost clients and opened channels. */
async function consume(
  cloud: Awaited<ReturnType<typeof startSourceTablestore>>,
  isDone: (events: readonly string[]) => boolean,
): Promise<string[]> {
  const described = await cloud.tunnels.describe('weather', 'sluice');
  const stopping = new AbortController();
  const events: string[] = [];
  const working = consumeTunnel(
    cloud.tunnels,
    async () => undefined,
    {
      ...{
        tunnelId: described?.tunnel.tunnelId ?? '',
        clientTag: 'test',
        heartbeatMs: 200,
        timeoutMs: 1_000,
      },
      ...{ drainMs: 0, idleCheckpointMs: 60_000, poll: { firstMs: 20, longestMs: 50 } },
    },
    stopping.signal,
    { lost: (error) => events.push(`lost: ${error}`), opened: () => events.push('opened') },
  );
  await until('the expected events have occurred', () => isDone(events));
  stopping.abort();
  await working;
  return events;
}

test('a client is not lost if connecting takes longer than the client timeout', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  await cloud.tunnels.create({ table: 'weather', name: 'sluice', type: 'Stream' });
  // Retries after 0.1, 0.2, 0.4 and 0.8 s.
  await cloud.faults({ do: 'error', operations: ['/tunnel/connect'], count: 4 });
  assert.deepEqual(await consume(cloud, ({ length }) => length > 0), ['opened']);
});

test('a lost client names the error of its failed heartbeats', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  await cloud.tunnels.create({ table: 'weather', name: 'sluice', type: 'Stream' });
  let failing: Promise<unknown> | undefined;
  const [opened, lost] = await consume(cloud, ({ length }) => {
    if (length === 1)
      failing ??= cloud.faults({ do: 'error', operations: ['/tunnel/heartbeat'], message: 'not now' });
    return length > 1;
  });
  await failing;
  assert.equal(opened, 'opened');
  assert.match(
    String(lost),
    /^lost: ClientLost: no heartbeat for 1\d{3} ms, more than the allowed 1000 ms: not now$/,
  );
});

test('if keys are revoked while the source runs, readyz names the reason', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const source = await startTestSource(t, { ...cloud.environment, K_SINK: sink.url });
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  cloud.account.secret = 'another';
  const lost = /^503 no client is connected to the tunnel: .*[Ss]ignature/;
  await until('readyz names the reason', async () => lost.test(String(await source.notReadyReason())));
});

test('a drain ends before the service gives the channels to other clients, even if SOURCE_DRAIN_MS allows a longer drain', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const sink = await startReceiver(t);
  const posted: number[] = [];
  sink.answer = async () => {
    posted.push(performance.now());
    return wait(100, 202);
  };
  const env = { ...cloud.environment, K_SINK: sink.url, SOURCE_DRAIN_MS: '60000', SOURCE_PARALLEL: '1' };
  const source = await startTestSource(t, env);
  await until('the source is ready', async () => (await source.notReadyReason()) === undefined);
  await cloud.putMany(adcodes);
  await until('a batch is in flight', () => posted.length > 3);
  // The timeout is 2 s. The stop is long after the last successful heartbeat, but long before the client is lost.
  await cloud.faults({ do: 'error', operations: ['/tunnel/heartbeat'] });
  const silentAt = performance.now();
  await wait(1_400);
  const stoppedAt = performance.now();
  await source.stop();
  const stopMs = performance.now() - stoppedAt;
  assert.ok(stopMs < 5_000, `the stop took ${stopMs} ms`);
  const last = posted.at(-1) ?? 0;
  assert.ok(last > stoppedAt, 'nothing was posted during the drain');
  assert.ok(last - silentAt < 2_100, `posted ${last - silentAt} ms after the last heartbeat`);
  assert.ok(posted.length < adcodes.length);
});

test('an unreachable store is logged once, at the first failure', async (t) => {
  const cloud = await startSourceTablestore(t, { partitions: 1 });
  const log = join(await temporaryDirectory(t), 'log');
  const unreachable = `http://127.0.0.1:${await freePort()}`;
  const env = { ...cloud.environment, TABLESTORE_ENDPOINT: unreachable, K_SINK: 'http://127.0.0.1:9' };
  const child = new SluiceProcess('source', { PORT: '0', ...env }, log);
  undoAfter(t, () => child.kill('SIGKILL'));
  await child.start();
  const logged = (): string[] =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"reason":"/DescribeTable') && line.includes('ECONNREFUSED'));
  await until('the failure is logged', () => logged().length > 0);
  await wait(1_500);
  assert.equal(logged().length, 1, logged().join('\n'));
});
