import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../../local/faults/seeded-random.ts';
import { type DuplicateBound, duplicateBounds } from './duplicate-bounds.ts';
import { SourceLedger } from './source-ledger.ts';
import type { SinkEvent } from './source-sink.ts';
import { type SourceProcess, type SourceSystem, startSourceSystem } from './source-system.ts';
import { SourceWriter } from './source-writer.ts';
import { until } from './until.ts';

/**
 * The client's heartbeat interval and timeout: short, so that faults are noticed within seconds. A source is always
 * frozen for longer than the timeout.
 */
const HEARTBEAT_MS = 400;
const TIMEOUT_MS = 2_000;
const PARALLEL = 16;
/** The number of channels of a new table. */
const CHANNELS = 4;

/**
 * How long the delivery of the remaining changes may take after the last fault. This is ample: channels get new clients
 * within a few seconds, and a backlog is delivered much faster than it grew.
 */
const CATCH_UP_MS = 60_000;

/** The checkpoints of a source that was frozen for longer than its timeout. */
interface CheckpointsAfterFreeze {
  readonly source: string;
  /** Checkpoints that the source stored before the freeze. */
  readonly before: number;
  /** Checkpoints that the source tried to store after the freeze. */
  readonly tried: number;
  /** Checkpoints that the service accepted after the freeze. */
  readonly accepted: number;
}

export interface StormReport {
  readonly faults: readonly string[];
  /** The numbers of acknowledged and failed writes. */
  readonly acknowledged: number;
  readonly failed: number;
  readonly lost: readonly string[];
  readonly ledger: SourceLedger;
  readonly frozen: readonly CheckpointsAfterFreeze[];
  readonly duplicates: readonly DuplicateBound[];
}

/**
 * Writes 200 changes per second to 100 rows. Meanwhile, the sources, the local Tablestore and the sink are killed,
 * frozen, or answer errors in random order. Then waits until all changes have arrived.
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
  const system = await startSourceSystem({
    ...{ SOURCE_HEARTBEAT_MS: String(HEARTBEAT_MS), SOURCE_TIMEOUT_MS: String(TIMEOUT_MS) },
    ...{ SOURCE_POLL_MS: '100', SOURCE_SEND_MS: '1000', SOURCE_PARALLEL: String(PARALLEL) },
    ...{ SOURCE_TRIES: '1000', SLUICE_LOG_LEVEL: 'info' },
  });
  const writer = new SourceWriter(system.rows, seededRandom(seed + 1), 100);
  const ledger = new SourceLedger();
  try {
    const names = Array.from({ length: sources }, (_, number) => `source-${number}`);
    for (const name of names) await system.source(name);
    const minChannels = Math.floor(CHANNELS / sources);
    await until('each source has its channels', async () =>
      (await system.channelCounts())?.startsWith(`${minChannels}`),
    );
    writer.start(200);
    const { faults, freezes, sinkKills } = await injectFaults(system, ledger, random, seconds);
    await writer.stop();
    await until(
      'every acknowledged change has arrived',
      () => {
        recordNewEvents(system, ledger);
        return ledger.events >= writer.acknowledgedCount && ledger.missing(writer.acknowledged).length === 0;
      },
      CATCH_UP_MS,
    ).catch(() => undefined);
    for (const { name, status } of system.sources)
      if ((await status()) === undefined) throw new Error(`${name} does not answer: ${system.log(name)}`);
    return {
      ...{ faults, ledger, acknowledged: writer.acknowledgedCount, failed: writer.failed },
      lost: ledger.missing(writer.acknowledged),
      frozen: freezes.map(({ source, clientId, from, to }) => {
        const calls = system.proxy.calls.filter(
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
      duplicates: duplicateBounds(system.proxy.calls, ledger.repeatCounts, sinkKills * sources * PARALLEL),
    };
  } finally {
    await writer.stop();
    await system.stop();
  }
}

/** Records the events that the sink has stored since the last call, and returns them. */
function recordNewEvents(system: SourceSystem, ledger: SourceLedger): readonly SinkEvent[] {
  const events = system.sink.newEvents();
  for (const event of events) ledger.record(event);
  return events;
}

interface FreezePeriod {
  readonly source: string;
  readonly clientId: string;
  readonly from: number;
  readonly to: number;
}

/** Injects each kind of fault once, in random order. Then injects random ones until the time is over. */
async function injectFaults(
  system: SourceSystem,
  ledger: SourceLedger,
  random: () => number,
  seconds: number,
) {
  const faults: string[] = [];
  const freezes: FreezePeriod[] = [];
  const { store, sink } = system;
  const randomSource = (): SourceProcess => {
    const found = system.sources[Math.floor(random() * system.sources.length)];
    if (found === undefined) throw new Error('there is no source');
    return found;
  };
  const hasStored = (clientId: string): boolean =>
    system.proxy.calls.some(
      (call) => call.clientId === clientId && call.path === '/tunnel/checkpoint' && call.status === 200,
    );
  const setModeBriefly = async (mode: Parameters<typeof sink.setMode>[0]): Promise<void> => {
    sink.setMode(mode);
    await wait(300 + random() * 700);
    sink.setMode({ kind: 'accept' });
  };
  const faultKinds: Readonly<Record<string, () => Promise<void>>> = {
    'source killed': async () => {
      // Kill the sender of an event that is stored and not yet answered, so that the event is delivered again.
      sink.setMode({ kind: 'slow', ms: 800 });
      await wait(300 + random() * 300);
      recordNewEvents(system, ledger);
      const sent = await until('the slow sink has stored an event', () =>
        recordNewEvents(system, ledger).findLast(({ answerDelayMs }) => answerDelayMs > 0),
      );
      const child = system.sources.find(({ name }) => name === sent.headers['ce-replica'])?.child;
      if (child === undefined) throw new Error('the sender of an event is not a source');
      await child.kill('SIGKILL');
      sink.setMode({ kind: 'accept' });
      await wait(random() * 500);
      await child.start();
    },
    'source stopped': async () => {
      const { child } = randomSource();
      await child.stop();
      await child.start();
    },
    'source frozen': async () => {
      const { name, child, clientId } = await until('a client has stored a checkpoint', async () => {
        const found = randomSource();
        const clientId = (await found.status())?.clientId;
        return clientId !== undefined && hasStored(clientId) && { ...found, clientId };
      });
      await child.kill('SIGSTOP');
      const from = Date.now();
      await wait(TIMEOUT_MS + 400 + random() * 1_000);
      freezes.push({ source: name, clientId, from, to: Date.now() });
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
    'sink answers 503': () => setModeBriefly({ kind: 'refuse', status: 503 }),
    'sink answers 400': () => setModeBriefly({ kind: 'refuse', status: 400 }),
    'sink answers nothing': () => setModeBriefly({ kind: 'silent' }),
    'sink answers slowly': () => setModeBriefly({ kind: 'slow', ms: 300 }),
  };
  const names = Object.keys(faultKinds);
  const order = names.map((name) => [random(), name] as const).sort(([a], [b]) => a - b);
  const endAt = Date.now() + seconds * 1_000;
  for (let next = 0; Date.now() < endAt || next < names.length; next++) {
    const name = order[next]?.[1] ?? names[Math.floor(random() * names.length)] ?? '';
    await wait(100 + random() * 300);
    await faultKinds[name]?.();
    faults.push(name);
  }
  return { faults, freezes, sinkKills: faults.filter((name) => name === 'sink killed').length };
}
