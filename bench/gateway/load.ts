import { Pool } from 'undici';

/** One request: when it was sent (ms since the start of the load), its duration, and its status; 0 for no answer. */
export interface Sample {
  readonly at: number;
  readonly ms: number;
  readonly status: number;
}

/** Makes one request and returns its status. `index` is its number in the load. */
export type Task = (index: number) => Promise<number>;

/** Keeps `parallel` tasks in progress until `count` tasks are done or `seconds` have passed. */
export async function closedLoop(
  task: Task,
  {
    parallel,
    count = Number.POSITIVE_INFINITY,
    seconds = Number.POSITIVE_INFINITY,
  }: {
    parallel: number;
    count?: number;
    seconds?: number;
  },
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const began = performance.now();
  let next = 0;
  const runTasks = async (): Promise<void> => {
    while (next < count && performance.now() - began < seconds * 1_000)
      samples.push(await timed(task, next++, began));
  };
  await Promise.all(Array.from({ length: parallel }, runTasks));
  return samples;
}

/** Starts `perSecond` tasks per second for `seconds` seconds, without waiting for earlier tasks. */
export async function openLoop(task: Task, perSecond: number, seconds: number): Promise<Sample[]> {
  const began = performance.now();
  const pending: Promise<Sample>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const wait = began + (index * 1_000) / perSecond - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(timed(task, index, began));
  }
  return Promise.all(pending);
}

async function timed(task: Task, index: number, began: number): Promise<Sample> {
  const at = performance.now();
  const status = await task(index).catch(() => 0);
  return { at: at - began, ms: performance.now() - at, status };
}

/**
 * Posts structured events to a gateway over at most `connections` kept connections. The load takes CPU time from the
 * gateway. So it uses undici: `node:http` needs about twice as much CPU time for a request.
 */
export function poster(port: number, connections: number) {
  const options = { connections, pipelining: 1, headersTimeout: 20_000, bodyTimeout: 20_000 };
  const pool = new Pool(`http://127.0.0.1:${port}`, options);
  const headers = { 'content-type': 'application/cloudevents+json' };
  const post = async (body: string): Promise<number> => {
    const { statusCode, body: answer } = await pool.request({
      method: 'POST',
      path: '/events',
      headers,
      body,
    });
    await answer.dump();
    return statusCode;
  };
  return { post, close: () => void pool.destroy() };
}

/** The duration that this share of the samples does not exceed. */
export function percentile(samples: readonly Sample[], share: number): number {
  const sorted = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
