import { setTimeout as wait } from 'node:timers/promises';
import { startProcesses } from './benchmark-processes.ts';

const SETTLE_MS = 15_000;
const MINUTE_MS = 60_000;

/** Counts the reads of an idle channel in a minute, with default settings. */
export async function idle() {
  const processes = await startProcesses();
  try {
    const source = await processes.source('/idle', { TABLESTORE_ENDPOINT: processes.proxy.url });
    try {
      await wait(SETTLE_MS);
      const from = processes.proxy.calls.length;
      await wait(MINUTE_MS);
      const reads = new Map<string, number>();
      for (const { path, channelId } of processes.proxy.calls.slice(from))
        if (path === '/tunnel/readrecords') reads.set(channelId, (reads.get(channelId) ?? 0) + 1);
      const result = { readsAMinute: Object.fromEntries(reads), most: Math.max(...reads.values()) };
      console.log(`idle: ${JSON.stringify(result)}`);
      return result;
    } finally {
      await source.stop();
    }
  } finally {
    await processes.stop();
  }
}
