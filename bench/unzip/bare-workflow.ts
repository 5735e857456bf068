import { proxyActivities } from '@temporalio/workflow';
import type { bareActivities } from './bare-program.ts';

const { unpack } = proxyActivities<ReturnType<typeof bareActivities>>({ startToCloseTimeout: '1m' });

/** The baseline for small archives: one workflow with one activity. */
export async function bareUnzip(key: string): Promise<number> {
  return await unpack(key);
}
