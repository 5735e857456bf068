import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKET, type System, startSystem } from '../../test/support/system.ts';
import { until } from '../../test/support/until.ts';
import { machine, median } from '../machine.ts';
import { manySmall, mixed, oneLarge, writeArchive } from './archives.ts';
import { originalPipeline } from './original.ts';

/** Pairs of runs of each archive, ours and the original's in turn. */
const PAIRS = 3;

const archives = { 'many-small': manySmall, 'one-large': oneLarge, mixed } as const;

const residentMiB = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  const [, kib] =
    new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
};

async function ours(
  system: System,
  name: string,
  archive: Buffer,
): Promise<{ seconds: number; peakMiB: number }> {
  await system.store.put({ bucket: BUCKET, key: `staging/${name}` }, archive);
  const key = `zip/${name}.zip`;
  // Copied inside the store, so that both pipelines start from an archive that is already there.
  const copied = await fetch(`${endpointOf(system)}/${BUCKET}/${key}`, {
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
  const seconds = (performance.now() - began) / 1_000;
  return { seconds, peakMiB: residentMiB(system.workers[0]?.pid ?? 0, 'VmHWM') };
}

const endpointOf = (system: System): string => system.ossEndpoint;

const folder = join(tmpdir(), 'sluice-bench');
mkdirSync(folder, { recursive: true });
const results: Record<string, unknown> = {};
let behind = false;
const wanted = process.argv.slice(3);
for (const [name, files] of Object.entries(archives)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const path = join(folder, `${name}.zip`);
  await writeArchive(path, files());
  const archive = readFileSync(path);
  const pairs: { ours: number; original: number; peakMiB: number }[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const system = await startSystem();
    try {
      // The first run of a worker compiles its code; a small archive takes that out of the comparison.
      await system.put('zip/warm.zip', Buffer.from('504b0506000000000000000000000000000000000000', 'hex'));
      await system.manifest('warm');
      const our = async () => await ours(system, name, archive);
      const their = async (): Promise<number> => {
        await system.store.put({ bucket: BUCKET, key: `original/${name}.zip` }, archive);
        const began = performance.now();
        await originalPipeline(endpointOf(system), BUCKET, `original/${name}.zip`, `original/${name}/`);
        return (performance.now() - began) / 1_000;
      };
      const [first, second] = pair % 2 === 0 ? [await our(), await their()] : [await their(), await our()];
      const { seconds, peakMiB } = (typeof first === 'number' ? second : first) as Awaited<
        ReturnType<typeof our>
      >;
      const original = (typeof first === 'number' ? first : second) as number;
      pairs.push({ ours: seconds, original, peakMiB });
      console.log(
        `${name} ${pair + 1}/${PAIRS}: ours ${seconds.toFixed(2)} s, original ${original.toFixed(2)} s, worker ${peakMiB} MiB`,
      );
    } finally {
      await system.stop();
    }
  }
  const ratio = median(pairs.map((pair) => pair.original / pair.ours));
  behind ||= ratio < 1;
  results[name] = {
    oursSeconds: round(median(pairs.map((pair) => pair.ours))),
    originalSeconds: round(median(pairs.map((pair) => pair.original))),
    timesAsFast: round(ratio),
    workerPeakMiB: Math.max(...pairs.map((pair) => pair.peakMiB)),
    pairs,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const file = new URL('../../../bench/results/unzip.json', import.meta.url);
if (wanted.length === 0)
  writeFileSync(file, `${JSON.stringify({ machine: machine(), pairs: PAIRS, results }, null, 2)}\n`);
console.log(JSON.stringify(results, (key, value) => (key === 'pairs' ? undefined : value), 2));
if (behind) process.exitCode = 1;
