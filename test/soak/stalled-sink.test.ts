import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { residentMiB } from '../../bench/gateway/process-usage.ts';
import { seededRandom } from '../../local/faults/seeded-random.ts';
import { SourceLedger } from '../support/source-ledger.ts';
import type { SinkMode } from '../support/source-sink.ts';
import { startSourceSystem } from '../support/source-system.ts';
import { SourceWriter } from '../support/source-writer.ts';
import { until } from '../support/until.ts';

/** Duration of the test. Set STALLED_MINUTES=60 for one hour. */
const MINUTES = Number(process.env.STALLED_MINUTES ?? 2);
const CHANGES_PER_SECOND = 20;
const SAMPLE_MS = 1_000;

const modes: readonly SinkMode[] = [
  { kind: 'refuse', status: 400 },
  { kind: 'refuse', status: 503 },
  { kind: 'silent' },
  { kind: 'slow', ms: 8_000 },
];

test(`${MINUTES} minutes of a sink that rejects, fails, is silent and is slow: memory stays flat, no change is lost`, {
  timeout: (MINUTES + 10) * 60_000,
}, async (t) => {
  const system = await startSourceSystem({});
  t.after(() => system.stop());
  const source = await system.source('only');
  await until('the source has its channels', async () => (await source.status())?.notReady === null, 30_000);
  const writer = new SourceWriter(system.rows, seededRandom(1), 100);
  writer.start(CHANGES_PER_SECOND);
  await wait(5_000);

  const memory: number[] = [];
  for (const mode of modes) {
    system.sink.setMode(mode);
    const end = performance.now() + (MINUTES * 60_000) / modes.length;
    const before = memory.length;
    while (performance.now() < end) {
      await wait(SAMPLE_MS);
      memory.push(residentMiB(source.child.pid));
    }
    const lagMs = Math.max(...((await source.status())?.channels ?? []).map((channel) => channel.lagMs));
    const mib = memory.slice(before);
    t.diagnostic(
      `${JSON.stringify(mode)}: ${mib[0]} to ${mib.at(-1)} MiB, lag ${Math.round(lagMs / 1_000)} s`,
    );
    assert.ok(lagMs > (MINUTES * 60_000) / modes.length / 2, `the lag is ${lagMs} ms`);
  }
  await writer.stop();
  system.sink.setMode({ kind: 'accept' });
  const ledger = new SourceLedger();
  const missing = (): string[] => {
    for (const event of system.sink.newEvents()) ledger.record(event);
    return ledger.missing(writer.acknowledged);
  };
  await until('all changes have arrived', () => missing().length === 0, 120_000).catch(() => undefined);
  assert.deepEqual(missing(), []);
  assert.deepEqual(ledger.outOfOrder, []);
  assert.deepEqual(ledger.differingRepeats, []);
  t.diagnostic(
    `${writer.acknowledgedCount} changes, ${ledger.duplicates} duplicates, at most ${Math.max(...memory)} MiB`,
  );
  assert.ok(Math.max(...memory) < 192, `${Math.max(...memory)} MiB`);
});
