import { setTimeout as wait } from 'node:timers/promises';
import { peakMiB, residentMiB } from '../gateway/process-usage.ts';
import { median } from '../machine.ts';
import { startBaselineLoop } from './baseline-loop.ts';
import { startProcesses } from './benchmark-processes.ts';

const ROWS = 100_000;
/** Concurrent posts of a source with four channels and the default of SOURCE_PARALLEL. */
const PARALLEL = 4 * 16;
/** Duration of each alternating round. */
const ROUND_MS = 1_000;

/**
 * Measures how fast the source delivers a backlog of changes. Alternates with a loop that posts the same bodies with
 * the same concurrency to the same sink.
 */
export async function backlog() {
  const processes = await startProcesses();
  const bare = await startBaselineLoop(`${processes.sinkUrl}/bare`);
  try {
    // This start creates the tunnel. The tunnel delivers only later changes.
    await (await processes.source('/drained')).stop();
    await processes.fill(ROWS);
    await bare.postFor(ROUND_MS, PARALLEL);
    const count = async (path: string): Promise<number> => (await processes.sinkReport()).counts[path] ?? 0;
    const source = await processes.source('/drained');
    const pairs: { source: number; bare: number }[] = [];
    const memoryMiB: number[] = [];
    try {
      for (let drained = await count('/drained'); ; ) {
        const [began, before] = [performance.now(), drained];
        while (drained < ROWS && performance.now() - began < ROUND_MS) {
          await wait(50);
          drained = await count('/drained');
          memoryMiB.push(residentMiB(source.pid));
        }
        const sourceRate = ((drained - before) * 1_000) / (performance.now() - began);
        if (drained >= ROWS) break;
        await source.kill('SIGSTOP');
        const bareBegan = performance.now();
        const bareBefore = await count('/bare');
        await bare.postFor(ROUND_MS, PARALLEL);
        const bareRate = (((await count('/bare')) - bareBefore) * 1_000) / (performance.now() - bareBegan);
        drained = await count('/drained');
        await source.kill('SIGCONT');
        pairs.push({ source: Math.round(sourceRate), bare: Math.round(bareRate) });
        console.log(`backlog: ${JSON.stringify(pairs.at(-1))} ${drained} of ${ROWS}`);
      }
      const result = {
        rows: ROWS,
        sourcePerSecond: median(pairs.map((pair) => pair.source)),
        barePerSecond: median(pairs.map((pair) => pair.bare)),
        ratio: Math.round(median(pairs.map((pair) => pair.source / pair.bare)) * 100) / 100,
        ...{ residentMiB: Math.max(...memoryMiB), peakMiB: peakMiB(source.pid), pairs },
      };
      console.log(`backlog: ${JSON.stringify(result)}`);
      return result;
    } finally {
      await source.kill('SIGCONT');
      await source.stop();
    }
  } finally {
    await bare.stop();
    await processes.stop();
  }
}
