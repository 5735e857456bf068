import { startBaselineLoop } from './baseline-loop.ts';
import { startProcesses } from './benchmark-processes.ts';
import { percentiles } from './percentiles.ts';

const PER_SECOND = 100;
const WARM_SECONDS = 5;
const SECONDS = 20;

/** Measures the time from commit to acceptance at 100 changes/s, compared with one POST of the same body. */
export async function latency() {
  const processes = await startProcesses();
  const bare = await startBaselineLoop(`${processes.sinkUrl}/bare`);
  try {
    await bare.postAtRate(PER_SECOND, WARM_SECONDS);
    const post = percentiles(await bare.postAtRate(PER_SECOND, SECONDS));
    const measured: Record<string, ReturnType<typeof percentiles>> = {};
    // The load is the same for both. In `busy`, the source polls more often.
    for (const [name, settings] of [
      ['default', {}],
      ['busy', { SOURCE_POLL_MS: '50' }],
    ] as const) {
      const source = await processes.source('/aged', settings);
      try {
        await write(processes.put, WARM_SECONDS);
        await processes.sinkReport();
        await write(processes.put, SECONDS);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        measured[name] = percentiles((await processes.sinkReport()).ages);
      } finally {
        await source.stop();
      }
    }
    const result = { perSecond: PER_SECOND, barePostMs: post, changeToAcceptedMs: measured };
    console.log(`latency: ${JSON.stringify(result)}`);
    return result;
  } finally {
    await bare.stop();
    await processes.stop();
  }
}

/** Starts writes at a fixed rate, without waiting for earlier ones. */
async function write(put: () => Promise<void>, seconds: number): Promise<void> {
  const began = performance.now();
  const pending: Promise<void>[] = [];
  for (let index = 0; index < PER_SECOND * seconds; index++) {
    const wait = began + (index * 1_000) / PER_SECOND - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(put());
  }
  await Promise.all(pending);
}
