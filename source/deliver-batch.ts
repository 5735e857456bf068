import { setMaxListeners } from 'node:events';
import { limitedSignal } from '../ots/limited-signal.ts';
import type { Batch } from '../ots/tunnel/channel-reader.ts';
import type { TunnelRecord } from '../ots/tunnel/record.ts';
import { RowsUnderWay } from './rows-under-way.ts';

/** Sees to it that one record is accepted, or set aside; throws only when the signal says that it is over. */
export type DeliverRecord = (record: TunnelRecord, channelId: string, signal: AbortSignal) => Promise<void>;

/**
 * Delivers a batch: records of the same row one after the other, in their order, different rows next to each other, at
 * most `parallel` at a time.
 */
export async function deliverBatch(
  { channelId, records }: Batch,
  deliver: DeliverRecord,
  parallel: number,
  signal: AbortSignal,
): Promise<void> {
  // Shared by the lanes: each takes the next record whose row is not under way, and with it what comes of that row.
  const next = records[Symbol.iterator]();
  const rows = new RowsUnderWay();
  // One that fails ends all: nothing of this batch may be taken for delivered.
  const { signal: both, abort, release } = limitedSignal(signal);
  // Each lane listens: more than ten are no leak here.
  setMaxListeners(0, both);
  const lane = async (): Promise<void> => {
    try {
      for (const first of next) {
        const queue = rows.begin(first);
        if (queue === undefined) continue;
        // It grows while it is gone through.
        for (const record of queue) {
          both.throwIfAborted();
          await deliver(record, channelId, both);
        }
        rows.end(first);
      }
    } catch (error) {
      abort(error);
      throw error;
    }
  };
  const lanes = Array.from({ length: Math.min(parallel, records.length) }, lane);
  const settled = await Promise.allSettled(lanes);
  release();
  signal.throwIfAborted();
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
}
