import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../../local/faults/seeded-random.ts';
import { type DuplicateBound, duplicateBounds } from './duplicate-bounds.ts';
import { SourceLedger } from './source-ledger.ts';
import { startSourceSystem } from './source-system.ts';
import { SourceWriter } from './source-writer.ts';
import { until } from './until.ts';

export interface ScalingReport {
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly ledger: SourceLedger;
  readonly duplicates: readonly DuplicateBound[];
  /** Sources that have sent events while there were three. */
  readonly senders: readonly string[];
}

/** One source, then three, then one, `rounds` times, under 200 changes/s; throws when the channels are not shared out. */
export async function sourceScaling({
  rounds,
  seed,
}: {
  rounds: number;
  seed: number;
}): Promise<ScalingReport> {
  const stage = await startSourceSystem({
    ...{ SOURCE_HEARTBEAT_MS: '400', SOURCE_TIMEOUT_MS: '4000', SOURCE_POLL_MS: '100' },
    SLUICE_LOG_LEVEL: 'warn',
  });
  const writer = new SourceWriter(stage.rows, seededRandom(seed), 100);
  const ledger = new SourceLedger();
  const shared = (expected: string) =>
    until(`shares are ${expected}`, async () => (await stage.shares()) === expected);
  const senders = new Set<string>();
  const take = (): void => {
    for (const event of stage.sink.taken()) {
      ledger.record(event);
      senders.add(String(event.headers['ce-replica']));
    }
  };
  try {
    await stage.source('first');
    await shared('4');
    writer.start(200);
    for (let round = 0; round < rounds; round++) {
      const others = await Promise.all(['second', 'third'].map((name) => stage.source(`${name}-${round}`)));
      await shared('1, 1, 2');
      await until('all three send', () => {
        take();
        return others.every(({ name }) => senders.has(name));
      });
      await wait(500);
      for (const { child } of others) await child.stop();
      await shared('4');
      await wait(500);
    }
    await writer.stop();
    await until('all has arrived', () => {
      take();
      return ledger.events >= writer.count && ledger.missing(writer.acknowledged).length === 0;
    }).catch(() => undefined);
    return {
      ...{ acknowledged: writer.count, ledger, senders: [...senders].sort() },
      lost: ledger.missing(writer.acknowledged),
      duplicates: duplicateBounds(stage.proxy.calls, ledger.repeatCounts),
    };
  } finally {
    await writer.stop();
    await stage.stop();
  }
}
