import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKET, type System, startSystem } from '../../test/support/system.ts';
import { until } from '../../test/support/until.ts';
import { machine, median } from '../machine.ts';
import { manySmall, mixed, oneLarge, writeArchive } from './archives.ts';
import { originalPipeline } from './original-pipeline.ts';
import { smallArchives } from './small.ts';

/**
 * Number of measured pairs. A pair is a run of Sluice and a run of the original, the pipeline of the service that
 * Sluice replaces. The order of the two alternates from pair to pair. One more pair warms up.
 */
const PAIRS = 4;

const archives = { 'many-small': manySmall, 'one-large': oneLarge, mixed } as const;

/** Peak resident memory of a process. */
const peakMiB = (pid: number): number => {
  const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
};

async function runSluice(system: System, name: string, archive: Buffer): Promise<number> {
  await system.store.put({ bucket: BUCKET, key: `staging/${name}` }, archive);
  const key = `zip/${name}.zip`;
  // Copied inside the store, so that both pipelines start with an archive in the store.
  const copied = await fetch(`${system.ossEndpoint}/${BUCKET}/${key}`, {
    method: 'PUT',
    headers: { 'x-oss-copy-source': `/${BUCKET}/staging/${name}` },
  });
  if (!copied.ok) throw new Error(`copying ${key}: ${copied.status}`);
  const began = performance.now();
  const run = await until(
    `the run of ${name}`,
    async () => {
      const query = `WorkflowType = 'unzipObject' AND WorkflowId STARTS_WITH 'unzip:${BUCKET}/${key}:'`;
      for await (const found of system.client.workflow.list({ query })) return found;
      return undefined;
    },
    60_000,
  );
  const result = await system.client.workflow.getHandle(run.workflowId).result();
  if ((result as { outcome: string }).outcome !== 'completed')
    throw new Error(`${key}: ${JSON.stringify(result)}`);
  return (performance.now() - began) / 1_000;
}

async function runOriginal(system: System, name: string, archive: Buffer): Promise<number> {
  const key = `original/${name}.zip`;
  await system.store.put({ bucket: BUCKET, key }, archive);
  const began = performance.now();
  await originalPipeline(system.ossEndpoint, BUCKET, key, `original/${name}/`);
  return (performance.now() - began) / 1_000;
}

/** Runs both pipelines on the same system, store and archive, in alternating order. */
async function compare(name: string, archive: Buffer) {
  const system = await startSystem();
  try {
    const pairs: { ours: number; original: number }[] = [];
    for (let pair = 0; pair <= PAIRS; pair++) {
      const unique = `${name}-${pair}`;
      const measured = { ours: 0, original: 0 };
      for (const which of pair % 2 === 0
        ? (['ours', 'original'] as const)
        : (['original', 'ours'] as const)) {
        measured[which] = round(await (which === 'ours' ? runSluice : runOriginal)(system, unique, archive));
      }
      console.log(
        `${unique}: ours ${measured.ours} s, original ${measured.original} s${pair === 0 ? ' (warming up)' : ''}`,
      );
      if (pair > 0) pairs.push(measured);
    }
    return { pairs, workerPeakMiB: peakMiB(system.workers[0]?.pid ?? 0) };
  } finally {
    await system.stop();
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const folder = join(tmpdir(), 'sluice-bench');
mkdirSync(folder, { recursive: true });
const results: Record<string, unknown> = {};
let slower = false;
const selectedArchives = process.argv.slice(3);
for (const [name, files] of Object.entries(archives)) {
  if (selectedArchives.length > 0 && !selectedArchives.includes(name)) continue;
  const path = join(folder, `${name}.zip`);
  await writeArchive(path, files());
  const { pairs, workerPeakMiB } = await compare(name, readFileSync(path));
  const timesAsFast = round(median(pairs.map((pair) => pair.original / pair.ours)));
  slower ||= timesAsFast < 1;
  const oursSeconds = median(pairs.map((pair) => pair.ours));
  const originalSeconds = median(pairs.map((pair) => pair.original));
  results[name] = { oursSeconds, originalSeconds, timesAsFast, workerPeakMiB, pairs };
}

const small =
  selectedArchives.length === 0 || selectedArchives.includes('small') ? await smallArchives() : undefined;
const file = new URL('../../../bench/results/unzip.json', import.meta.url);
// Measuring some archives replaces only their results.
const last = JSON.parse(readFileSync(file, 'utf8')) as {
  machine: object;
  results: object;
  small?: object;
};
const all = {
  ...{ machine: selectedArchives.length === 0 ? machine() : last.machine, pairs: PAIRS },
  results: { ...last.results, ...results },
  small: small === undefined ? last.small : { machine: machine(), ...small },
};
writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
console.log(JSON.stringify({ results, small }, (key, value) => (key === 'pairs' ? undefined : value), 2));
const misses: readonly (readonly [miss: string, isMissed: boolean])[] = [
  ['slower than the original on a large archive', slower],
  ['less than 0.5 of the rate of the bare workflow', (small?.rateRatio ?? 1) < 0.5],
  ['more than twice the latency of the bare workflow', (small?.idleRatio ?? 1) > 2],
  ['more than 256 MiB for small archives', (small?.workerPeakMiB.withSixteenOfTheLargest ?? 0) > 256],
];
for (const [miss] of misses.filter(([, isMissed]) => isMissed)) console.log(`✗ ${miss}`);
if (misses.some(([, isMissed]) => isMissed)) process.exitCode = 1;
