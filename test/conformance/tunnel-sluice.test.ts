import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTANCE, startTunnelCloud } from './tunnel-cloud.ts';
import { runTunnelScenario } from './tunnel-scenario.ts';
import { sluiceConsumer } from './tunnel-sluice.ts';

test('Sluice’s client consumes a table in spite of faults and restarts', { timeout: 300_000 }, async (t) => {
  await runTunnelScenario(t, sluiceConsumer);
});

test('Sluice’s client ends when the tunnel is expired', { timeout: 300_000 }, async (t) => {
  const cloud = await startTunnelCloud({ partitions: 1 });
  t.after(() => cloud.stop());
  const tunnelId = await cloud.createTunnel('Stream', 'changes');
  await cloud.expire('changes');
  const lines: string[] = [];
  const running = await sluiceConsumer.start({
    ...{
      endpoint: cloud.endpoint,
      instance: INSTANCE,
      tunnelId,
      name: 'sluice',
      heartbeatMs: 400,
      timeoutMs: 2_000,
    },
    onLine: (line) => lines.push('code' in line ? `${line.type} ${line.code}` : line.type),
  });
  await running.ended;
  assert.deepEqual(lines, ['started', 'ended', 'failed OTSTunnelExpired']);
});
