import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../../local/faults/seeded-random.ts';
import { type DuplicateBound, duplicateBounds } from './duplicate-bounds.ts';
import { SourceLedger } from './source-ledger.ts';
import { type SourceProcess, type SourceSystem, startSourceSystem } from './source-system.ts';
import { SourceWriter } from './source-writer.ts';
import { until } from './until.ts';

/** So that faults are noticed within seconds; the time-out is what a frozen source is frozen past. */
const HEARTBEAT_MS = 400;
const TIMEOUT_MS = 2_000;
const PARALLEL = 16;

/** Channels change hands within a few seconds, and what piled up is told much faster than it came. */
const CATCH_UP_MS = 60_000;

/** What a source did that was frozen past its time-out. */
interface Frozen {
  readonly source: string;
  /** Checkpoints it had stored before. */
  readonly before: number;
  /** Checkpoints that it tried to store when it was awake again, and those that were accepted. */
  readonly tried: number;
  readonly accepted: number;
}

export interface StormReport {
  readonly faults: readonly string[];
  /** Writes that were acknowledged, and those that failed. */
  readonly acknowledged: number;
  readonly failed: number;
  readonly lost: readonly string[];
  readonly ledger: SourceLedger;
  readonly frozen: readonly Frozen[];
  readonly duplicates: readonly DuplicateBound[];
}

/**
 * Writes 200 changes/s to 100 rows while the sources, the local Tablestore and the sink are killed, frozen, or answer
 * badly in random order; then waits until everything has arrived.
 */
export async function sourceStorm({
  seconds,
  sources,
  seed,
}: {
  seconds: number;
  sources: number;
  seed: number;
}): Promise<StormReport> {
  const random = seededRandom(seed);
  const stage = await startSourceSystem({
    ...{ SOURCE_HEARTBEAT_MS: String(HEARTBEAT_MS), SOURCE_TIMEOUT_MS: String(TIMEOUT_MS) },
    ...{ SOURCE_POLL_MS: '100', SOURCE_SEND_MS: '1000', SOURCE_PARALLEL: String(PARALLEL) },
    ...{ SOURCE_TRIES: '1000', SLUICE_LOG_LEVEL: 'info' },
  });
  const writer = new SourceWriter(stage.rows, seededRandom(seed + 1), 100);
  const ledger = new SourceLedger();
  try {
    const names = Array.from({ length: sources }, (_, number) => `source-${number}`);
    for (const name of names) await stage.source(name);
    const fewest = Math.floor(4 / sources);
    await until('each source has its share', async () => (await stage.shares())?.startsWith(`${fewest}`));
    writer.start(200);
    const { faults, frozen, sinkDeaths } = await injectFaults(stage, random, seconds);
    await writer.stop();
    await until(
      'every acknowledged change has arrived',
      () => {
        for (const event of stage.sink.taken()) ledger.record(event);
        return ledger.events >= writer.count && ledger.missing(writer.acknowledged).length === 0;
      },
      CATCH_UP_MS,
    ).catch(() => undefined);
    for (const { name, status } of stage.sources)
      if ((await status()) === undefined) throw new Error(`${name} is gone: ${stage.log(name)}`);
    return {
      ...{ faults, ledger, acknowledged: writer.count, failed: writer.failed },
      lost: ledger.missing(writer.acknowledged),
      frozen: frozen.map(({ source, clientId, from, to }) => {
        const calls = stage.proxy.calls.filter(
          (call) => call.clientId === clientId && call.path === '/tunnel/checkpoint',
        );
        const later = calls.filter(({ at }) => at >= to);
        return {
          source,
          before: calls.filter(({ at, status }) => at <= from && status === 200).length,
          tried: later.length,
          accepted: later.filter(({ status }) => status === 200).length,
        };
      }),
      duplicates: duplicateBounds(stage.proxy.calls, ledger.repeatCounts, sinkDeaths * sources * PARALLEL),
    };
  } finally {
    await writer.stop();
    await stage.stop();
  }
}

interface Freeze {
  readonly source: string;
  readonly clientId: string;
  readonly from: number;
  readonly to: number;
}

/** Does every kind of harm once, in random order, then any of them until the time is over. */
async function injectFaults(stage: SourceSystem, random: () => number, seconds: number) {
  const faults: string[] = [];
  const frozen: Freeze[] = [];
  const { store, sink } = stage;
  const one = (): SourceProcess => {
    const found = stage.sources[Math.floor(random() * stage.sources.length)];
    if (found === undefined) throw new Error('there is no source');
    return found;
  };
  const hasStored = (clientId: string): boolean =>
    stage.proxy.calls.some(
      (call) => call.clientId === clientId && call.path === '/tunnel/checkpoint' && call.status === 200,
    );
  const badly = async (mode: Parameters<typeof sink.mode>[0]): Promise<void> => {
    sink.mode(mode);
    await wait(300 + random() * 700);
    sink.mode({ kind: 'accept' });
  };
  const kinds: Readonly<Record<string, () => Promise<void>>> = {
    'source killed': async () => {
      const { child } = one();
      // In the middle of a batch, part of which will come again.
      sink.mode({ kind: 'slow', ms: 100 });
      await wait(300 + random() * 300);
      await child.kill('SIGKILL');
      sink.mode({ kind: 'accept' });
      await wait(random() * 500);
      await child.start();
    },
    'source stopped in order': async () => {
      const { child } = one();
      await child.stop();
      await child.start();
    },
    'source frozen': async () => {
      const { name, child, clientId } = await until('a client that has something to lose', async () => {
        const found = one();
        const clientId = (await found.status())?.clientId;
        return clientId !== undefined && hasStored(clientId) && { ...found, clientId };
      });
      await child.kill('SIGSTOP');
      const from = Date.now();
      await wait(TIMEOUT_MS + 400 + random() * 1_000);
      frozen.push({ source: name, clientId, from, to: Date.now() });
      await child.kill('SIGCONT');
    },
    'store killed': async () => {
      await store.kill('SIGKILL');
      await wait(random() * 500);
      await store.start();
    },
    'sink killed': async () => {
      await sink.kill();
      await wait(random() * 500);
      await sink.start();
    },
    'sink answers 503': () => badly({ kind: 'refuse', status: 503 }),
    'sink answers 400': () => badly({ kind: 'refuse', status: 400 }),
    'sink answers nothing': () => badly({ kind: 'silent' }),
    'sink answers slowly': () => badly({ kind: 'slow', ms: 300 }),
  };
  const names = Object.keys(kinds);
  const order = names.map((name) => [random(), name] as const).sort(([a], [b]) => a - b);
  const over = Date.now() + seconds * 1_000;
  for (let next = 0; Date.now() < over || next < names.length; next++) {
    const name = order[next]?.[1] ?? names[Math.floor(random() * names.length)] ?? '';
    await wait(100 + random() * 300);
    await kinds[name]?.();
    faults.push(name);
  }
  return { faults, frozen, sinkDeaths: faults.filter((name) => name === 'sink killed').length };
}
