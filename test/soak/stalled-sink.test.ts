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

/** An hour in all: STALLED_MINUTES=60. */
const MINUTES = Number(process.env.STALLED_MINUTES ?? 2);
const CHANGES_PER_SECOND = 20;
const SAMPLE_MS = 1_000;

const modes: readonly SinkMode[] = [
  { kind: 'refuse', status: 400 },
  { kind: 'refuse', status: 503 },
  { kind: 'silent' },
  { kind: 'slow', ms: 8_000 },
];

test(`${MINUTES} minutes of a sink that refuses, fails, is silent and is slow: memory stays flat, the lag shows, no change is lost`, {
  timeout: (MINUTES + 10) * 60_000,
}, async (t) => {
  const stage = await startSourceSystem({});
  t.after(() => stage.stop());
  const source = await stage.source('only');
  await until('the source has its channels', async () => (await source.status())?.notReady === null, 30_000);
  const writer = new SourceWriter(stage.rows, seededRandom(1), 100);
  writer.start(CHANGES_PER_SECOND);
  await wait(5_000);

  const memory: number[] = [];
  for (const mode of modes) {
    stage.sink.mode(mode);
    const end = performance.now() + (MINUTES * 60_000) / modes.length;
    const before = memory.length;
    while (performance.now() < end) {
      await wait(SAMPLE_MS);
      memory.push(residentMiB(source.child.pid));
    }
    const lagMs = Math.max(...((await source.status())?.channels ?? []).map((channel) => channel.lagMs));
    const mib = memory.slice(before);
    t.diagnostic(
      `${JSON.stringify(mode)}: ${mib[0]} to ${mib.at(-1)} MiB, ${Math.round(lagMs / 1_000)} s behind`,
    );
    assert.ok(lagMs > (MINUTES * 60_000) / modes.length / 2, `${lagMs} ms behind`);
  }
  await writer.stop();
  stage.sink.mode({ kind: 'accept' });
  const ledger = new SourceLedger();
  const missing = (): string[] => {
    for (const event of stage.sink.taken()) ledger.record(event);
    return ledger.missing(writer.acknowledged);
  };
  await until('all changes have come', () => missing().length === 0, 120_000).catch(() => undefined);
  assert.deepEqual(missing(), []);
  assert.deepEqual(ledger.outOfOrder, []);
  assert.deepEqual(ledger.differingRepeats, []);
  t.diagnostic(
    `${writer.count} changes, ${ledger.duplicates} came again, at most ${Math.max(...memory)} MiB`,
  );
  assert.ok(Math.max(...memory) < 192, `${Math.max(...memory)} MiB`);
});
