import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdmissionQueue } from '../domain/admission-queue.ts';
import { forEachParallel } from '../domain/for-each-parallel.ts';
import type { RecordBatch } from '../ots/tunnel/channel-reader.ts';
import type { TunnelRecord } from '../ots/tunnel/tunnel-record.ts';
import type { KeyCell, KeyValue } from '../ots/wire/row.ts';
import { toBinaryEvent } from '../runtime/binary-event.ts';
import { limitedSignal } from '../runtime/limited-signal.ts';
import { changeEvent, committedMsOf, type EventOrigin } from './change-event.ts';
import { type FailingEventDeps, FailingEventHandler } from './failing-event-handler.ts';
import type { PostEvent } from './sink-client.ts';

/** Delivers one record to the sink or to the dead-letter sink. Throws only if the signal is aborted. */
type DeliverRecord = (record: TunnelRecord, channelId: string, signal: AbortSignal) => Promise<void>;

/**
 * Delivers a batch. Records of one row are delivered one after the other, in their order. Different rows are delivered
 * concurrently, at most `parallel` records at once.
 */
export async function deliverBatch(
  { channelId, records }: RecordBatch,
  deliver: DeliverRecord,
  parallel: number,
  signal: AbortSignal,
): Promise<void> {
  const rows = new RowQueues();
  // One failure ends the whole batch: the checkpoint must not move past a record that is not delivered.
  const { signal: batchSignal, abort, release } = limitedSignal(signal);
  // Each record in flight adds a listener. By default, Node.js reports more than ten listeners as a leak.
  setMaxListeners(0, batchSignal);
  const deliverRow = async (first: TunnelRecord): Promise<void> => {
    // If the queue is undefined, the row is already in flight, and its queue now has this record.
    const queue = rows.begin(first);
    if (queue === undefined) return;
    try {
      // The queue can grow during the loop.
      for (const record of queue) {
        batchSignal.throwIfAborted();
        await deliver(record, channelId, batchSignal);
      }
    } catch (error) {
      abort(error);
      throw error;
    }
    rows.end(first);
  };
  const [result] = await Promise.allSettled([
    forEachParallel(records, Math.min(parallel, records.length), deliverRow),
  ]);
  release();
  signal.throwIfAborted();
  if (result.status === 'rejected') throw result.reason;
}

interface DeliverDeps extends FailingEventDeps {
  readonly origin: EventOrigin;
  readonly post: PostEvent;
}

/** Upper bound for the memory of events that are being posted: half of the source's heap. */
const MAX_EVENT_BYTES_IN_MEMORY = 48 * 1024 * 1024;

/**
 * Memory that an event needs per byte of its record: decoded values, and JSON, which can need six bytes for one byte.
 */
const MEMORY_PER_RECORD_BYTE = 8;

/** Posts each record's event until the sink accepts it, or until the dead-letter sink accepts it with the reason. */
export function createRecordDelivery(deps: DeliverDeps): DeliverRecord {
  const { origin, post, metrics } = deps;
  const memory = new AdmissionQueue({ parallel: { weight: MAX_EVENT_BYTES_IN_MEMORY } });
  // Posts are numbered. So an event can check whether the sink accepted a post that began after its own failure.
  let posts = 0;
  let newestAcceptedPost = 0;

  return async (record, channelId, signal) => {
    const endEvent = metrics.beginEvent(channelId, committedMsOf(record));
    const weight = (record.bytes ?? 0) * MEMORY_PER_RECORD_BYTE;
    let failing: FailingEventHandler | undefined;
    let newestPostAtFailure = Number.POSITIVE_INFINITY;
    /**
     * Makes one attempt. Returns the wait before the next one in ms, or undefined if the event is delivered. Each
     * attempt builds the event again, so that a waiting record uses no more memory than the record itself.
     */
    const attempt = async (): Promise<number | undefined> => {
      const event = changeEvent(record, origin);
      const number = ++posts;
      const result = await post(toBinaryEvent(event.attributes, event.body), signal);
      if (result.outcome === 'accepted') {
        if (number > newestAcceptedPost) newestAcceptedPost = number;
        metrics.countDelivered('accepted');
        return undefined;
      }
      const othersAccepted = newestAcceptedPost > newestPostAtFailure;
      newestPostAtFailure = posts;
      failing ??= new FailingEventHandler(deps, channelId);
      return failing.handleFailure(event, result, othersAccepted, signal);
    };
    try {
      for (;;) {
        const slot = memory.tryEnter(weight) ?? (await memory.wait(weight, signal));
        let waitMs: number | undefined;
        try {
          waitMs = await attempt();
        } finally {
          slot.release();
        }
        if (waitMs === undefined) return;
        await sleep(waitMs, undefined, { signal });
      }
    } finally {
      failing?.unblockChannel();
      endEvent();
    }
  };
}

/** Many more than the records in flight, so that different rows rarely share a bucket. */
const BUCKETS = 1_024;

/**
 * The rows of a batch that are in flight. Rows are identified by a hash. Rows with the same hash wait for each other,
 * which is not necessary but harmless. A Map for the whole batch would cause most of the garbage collector's work.
 */
class RowQueues {
  readonly #queues: (TunnelRecord[] | undefined)[] = new Array(BUCKETS).fill(undefined);

  /**
   * Adds a record to the queue of its row. If the row was not in flight, returns a new queue; it can grow while the row
   * is in flight. Returns undefined if the row is already in flight.
   */
  begin(record: TunnelRecord): readonly TunnelRecord[] | undefined {
    const bucket = bucketOf(record.primaryKey);
    const queue = this.#queues[bucket];
    if (queue === undefined) {
      const newQueue = [record];
      this.#queues[bucket] = newQueue;
      return newQueue;
    }
    queue.push(record);
    return undefined;
  }

  /** Call this when all records of the row are delivered. */
  end({ primaryKey }: TunnelRecord): void {
    this.#queues[bucketOf(primaryKey)] = undefined;
  }
}

/** FNV-1a over the key's values. */
function bucketOf(primaryKey: readonly KeyCell<KeyValue>[]): number {
  let sum = 0x811c9dc5;
  for (const { value } of primaryKey) {
    if (typeof value === 'string')
      for (let at = 0; at < value.length; at++) sum = fnvStep(sum, value.charCodeAt(at));
    else if (typeof value === 'bigint') sum = fnvStep(sum, Number(BigInt.asUintN(32, value)));
    else for (const byte of value) sum = fnvStep(sum, byte);
    // Separates two values.
    sum = fnvStep(sum, 0x100);
  }
  return (sum ^ (sum >>> 16)) & (BUCKETS - 1);
}

const fnvStep = (sum: number, value: number): number => Math.imul(sum ^ value, 0x01000193);
