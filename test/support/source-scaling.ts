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
  /** The names of the sources that sent events. */
  readonly senders: readonly string[];
}

/**
 * Runs one source, then three, then one, `rounds` times, with 200 changes per second. Throws if the channels are not
 * distributed evenly.
 */
export async function sourceScaling({
  rounds,
  seed,
}: {
  rounds: number;
  seed: number;
}): Promise<ScalingReport> {
  const system = await startSourceSystem({
    ...{ SOURCE_HEARTBEAT_MS: '400', SOURCE_TIMEOUT_MS: '4000', SOURCE_POLL_MS: '100' },
    SLUICE_LOG_LEVEL: 'warn',
  });
  const writer = new SourceWriter(system.rows, seededRandom(seed), 100);
  const ledger = new SourceLedger();
  const waitForChannelCounts = (expected: string) =>
    until(`the sources have ${expected} channels`, async () => (await system.channelCounts()) === expected);
  const senders = new Set<string>();
  const recordEvents = (): void => {
    for (const event of system.sink.newEvents()) {
      ledger.record(event);
      senders.add(String(event.headers['ce-replica']));
    }
  };
  try {
    await system.source('first');
    await waitForChannelCounts('4');
    writer.start(200);
    for (let round = 0; round < rounds; round++) {
      const others = await Promise.all(['second', 'third'].map((name) => system.source(`${name}-${round}`)));
      await waitForChannelCounts('1, 1, 2');
      await until('all three sources have sent events', () => {
        recordEvents();
        return others.every(({ name }) => senders.has(name));
      });
      await wait(500);
      for (const { child } of others) await child.stop();
      await waitForChannelCounts('4');
      await wait(500);
    }
    await writer.stop();
    await until('all changes have arrived', () => {
      recordEvents();
      return ledger.events >= writer.acknowledgedCount && ledger.missing(writer.acknowledged).length === 0;
    }).catch(() => undefined);
    return {
      ...{ acknowledged: writer.acknowledgedCount, ledger, senders: [...senders].sort() },
      lost: ledger.missing(writer.acknowledged),
      duplicates: duplicateBounds(system.proxy.calls, ledger.repeatCounts),
    };
  } finally {
    await writer.stop();
    await system.stop();
  }
}
