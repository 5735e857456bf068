import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.ts';
import { BUCKET, type System, startSystem } from '../../test/support/system.ts';
import { zipOf } from '../../test/support/zip-writer.ts';
import { median } from '../machine.ts';
import { randomFrom } from './archives.ts';
import { originalPipeline } from './original-pipeline.ts';

/** The number of archives in one measurement. */
const ARCHIVES = 500;
/** How many of them are unpacked at the same time. */
const PARALLEL = 8;

/** Each pair measures Sluice and its baseline, in alternating order. One more pair warms up. */
const PAIRS = 3;

const IDLE_ARCHIVES = 40;
const ORIGINAL_ARCHIVES = 100;

const round = (value: number): number => Math.round(value * 100) / 100;

/** Five files of 1 KB of random letters. */
function fiveFiles(seed: number): Buffer {
  const random = randomFrom(seed);
  const letters = (): Buffer =>
    Buffer.from(Array.from({ length: 1_000 }, () => 97 + Math.floor(random() * 26)));
  return zipOf(Array.from({ length: 5 }, (_, at) => ({ name: `${at}.txt`, content: letters() })));
}

/** One of the compared pipelines: uploads an archive and starts its run, and knows the key of its manifest. */
interface ComparedPipeline {
  startUnpacking(name: string, archive: Buffer): Promise<void>;
  manifestKey(name: string): string;
}

/**
 * Uploads an archive, and waits until its manifest exists. Returns the time from the start of the upload until then, in
 * ms. `pollMs`: the pause between two checks for the manifest. Frequent checks cost processor time.
 */
async function unpack(
  system: System,
  { startUnpacking, manifestKey }: ComparedPipeline,
  { name, archive, pollMs }: { name: string; archive: Buffer; pollMs: number },
): Promise<number> {
  const began = performance.now();
  await startUnpacking(name, archive);
  while ((await system.store.head({ bucket: BUCKET, key: manifestKey(name) })) === undefined)
    await delay(pollMs);
  return performance.now() - began;
}

/** Calls `run` `count` times, at most `parallel` calls at the same time. Returns the calls per second. */
async function perSecond(
  count: number,
  parallel: number,
  run: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const began = performance.now();
  const runNext = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: parallel }, runNext));
  return round(count / ((performance.now() - began) / 1_000));
}

/** Peak resident memory of a process. */
const peakMiB = (pid: number): number => {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
};

/** A system whose worker has the jobs unzip and weather, with the Tablestore stand-in that the worker needs. */
async function systemWithAllQueues(): Promise<System> {
  const tablestorePort = await freePort();
  const workerEnv = {
    ...{ TABLESTORE_ENDPOINT: `http://127.0.0.1:${tablestorePort}`, TABLESTORE_INSTANCE: 'sluice-local' },
    ...{ TABLESTORE_ACCESSKEYID: 'local', TABLESTORE_ACCESSKEYSECRET: 'local-secret' },
    WEATHER_PROVIDER: 'stand-in',
  };
  return await startSystem({ tablestorePort, workerEnv });
}

async function startBareWorker(system: System) {
  const child = fork(fileURLToPath(new URL('./bare-program.js', import.meta.url)), [system.ossEndpoint], {
    env: { ...process.env, TEMPORAL_ADDRESS: system.temporal.address },
  });
  await once(child, 'message');
  return {
    async stop(): Promise<void> {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/**
 * Measures small archives: Sluice, a bare workflow with the same store calls, and the pipeline of the service that
 * Sluice replaces, on the same system.
 */
export async function smallArchives() {
  const system = await systemWithAllQueues();
  const bareWorker = await startBareWorker(system);
  const sluice: ComparedPipeline = {
    startUnpacking: (name, archive) => system.put(`zip/${name}.zip`, archive),
    manifestKey: (name) => `unzip/.sluice/${name}.json`,
  };
  const bare: ComparedPipeline = {
    async startUnpacking(name, archive) {
      await system.put(`bare/${name}.zip`, archive);
      const options = { taskQueue: 'bare', workflowId: `bare-${name}`, args: [`bare/${name}.zip`] };
      await system.client.workflow.start('bareUnzip', options);
    },
    manifestKey: (name) => `bare-out/.manifest/${name}.json`,
  };
  try {
    const archives = Array.from({ length: ARCHIVES }, (_, at) => fiveFiles(at));
    const archive = (at: number): Buffer => archives[at] as Buffer;
    const pairs: Record<'sluice' | 'bare', { rate: number; idleMs: number }>[] = [];
    for (let pair = 0; pair <= PAIRS; pair++) {
      const measured = {} as (typeof pairs)[number];
      for (const which of pair % 2 === 0 ? (['sluice', 'bare'] as const) : (['bare', 'sluice'] as const)) {
        const pipeline = which === 'sluice' ? sluice : bare;
        const idle: number[] = [];
        for (let at = 0; at < IDLE_ARCHIVES; at++)
          idle.push(
            await unpack(system, pipeline, { name: `idle-${pair}-${at}`, archive: archive(at), pollMs: 2 }),
          );
        const rate = await perSecond(ARCHIVES, PARALLEL, (at) =>
          unpack(system, pipeline, { name: `rate-${pair}-${at}`, archive: archive(at), pollMs: 25 }),
        );
        measured[which] = { rate, idleMs: round(median(idle)) };
      }
      console.log(`${pair === 0 ? 'warming up' : `pair ${pair}`}: ${JSON.stringify(measured)}`);
      if (pair > 0) pairs.push(measured);
    }
    const original = async (parallel: number): Promise<number> =>
      await perSecond(ORIGINAL_ARCHIVES, parallel, async (at) => {
        const key = `original/${parallel}/${at}.zip`;
        await system.store.put({ bucket: BUCKET, key }, archive(at));
        await originalPipeline(system.ossEndpoint, BUCKET, key, `original-out/${parallel}/${at}/`);
      });
    const originalPerSecond = { one: await original(1), four: await original(4) };
    const perSecondOf = (which: 'sluice' | 'bare'): number => median(pairs.map((pair) => pair[which].rate));
    const idleMsOf = (which: 'sluice' | 'bare'): number => median(pairs.map((pair) => pair[which].idleMs));
    const smallPeakMiB = peakMiB(system.workers[0]?.pid ?? 0);
    await unpackLargest(system, sluice);
    return {
      perSecond: { sluice: perSecondOf('sluice'), bare: perSecondOf('bare'), original: originalPerSecond },
      rateRatio: round(median(pairs.map(({ sluice: s, bare: b }) => s.rate / b.rate))),
      idleMs: { sluice: idleMsOf('sluice'), bare: idleMsOf('bare') },
      idleRatio: round(median(pairs.map(({ sluice: s, bare: b }) => s.idleMs / b.idleMs))),
      shareOfOriginalAtFour: round(perSecondOf('sluice') / originalPerSecond.four),
      workerPeakMiB: { small: smallPeakMiB, withSixteenOfTheLargest: peakMiB(system.workers[0]?.pid ?? 0) },
      pairs,
    };
  } finally {
    await bareWorker.stop();
    await system.stop();
  }
}

/**
 * Unpacks 16 archives at the same time. Each is almost as large as a small archive can be: 15 MiB, unpacked 61 MiB. The
 * limits are 16 MiB and 64 MiB.
 */
async function unpackLargest(system: System, sluice: ComparedPipeline): Promise<void> {
  const random = randomFrom(7);
  const noise = Buffer.alloc(15 * 1024 * 1024);
  for (let at = 0; at + 4 <= noise.length; at += 4) noise.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  const files = [
    ...Array.from({ length: 60 }, (_, at) => ({
      name: `noise/${at}`,
      content: noise.subarray(at * 262_144, (at + 1) * 262_144),
      method: 0,
    })),
    ...Array.from({ length: 48 }, (_, at) => ({
      name: `text/${at}`,
      content: Buffer.alloc(1_000_000, 'text '),
    })),
  ];
  const archive = zipOf(files);
  if (archive.length > 16 * 1024 * 1024) throw new Error(`the archive has ${archive.length} bytes`);
  await Promise.all(
    Array.from({ length: 16 }, (_, at) =>
      unpack(system, sluice, { name: `largest-${at}`, archive, pollMs: 100 }),
    ),
  );
}
