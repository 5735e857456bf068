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
import { FailingEvent, type FailingEventDeps } from './failing-event.ts';
import type { PostEvent } from './sink-client.ts';

/** Sees to it that one record is accepted, or set aside; throws only when the signal says that it is over. */
type DeliverRecord = (record: TunnelRecord, channelId: string, signal: AbortSignal) => Promise<void>;

/**
 * Delivers a batch: records of the same row one after the other, in their order, different rows next to each other, at
 * most `parallel` at a time.
 */
export async function deliverBatch(
  { channelId, records }: RecordBatch,
  deliver: DeliverRecord,
  parallel: number,
  signal: AbortSignal,
): Promise<void> {
  const rows = new RowQueues();
  // One that fails ends all: nothing of this batch may be taken for delivered.
  const { signal: batchSignal, abort, release } = limitedSignal(signal);
  // Each record under way listens: more than ten are no leak here.
  setMaxListeners(0, batchSignal);
  const deliverRow = async (first: TunnelRecord): Promise<void> => {
    // Undefined: the row is under way already, and its queue has this record now.
    const queue = rows.begin(first);
    if (queue === undefined) return;
    try {
      // It grows while it is gone through.
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

/** What events may take while they are posted: half of the heap that the source is run with. */
const MAX_EVENT_BYTES_IN_MEMORY = 48 * 1024 * 1024;

/** An event takes at most so many times its record's bytes: its values, and JSON with up to six bytes for one of them. */
const MEMORY_PER_RECORD_BYTE = 8;

/** Posts each record's event until the sink has it, or the dead-letter sink has it with the reason. */
export function createRecordDelivery(deps: DeliverDeps): DeliverRecord {
  const { origin, post, metrics } = deps;
  const memory = new AdmissionQueue({ parallel: { weight: MAX_EVENT_BYTES_IN_MEMORY } });
  // Posts are numbered, so that an event can tell whether the sink has taken one that was posted after its own failure.
  let posts = 0;
  let lastAccepted = 0;

  return async (record, channelId, signal) => {
    const end = metrics.beginEvent(channelId, committedMsOf(record));
    const weight = (record.bytes ?? 0) * MEMORY_PER_RECORD_BYTE;
    let failing: FailingEvent | undefined;
    let failedAt = Number.POSITIVE_INFINITY;
    /**
     * Tries once; answers how long to wait, in ms, for the next try, undefined when it is delivered. A function of its
     * own, and the event made anew for each try: what waits takes no more than its record does.
     */
    const attempt = async (): Promise<number | undefined> => {
      const event = changeEvent(record, origin);
      const number = ++posts;
      const result = await post(toBinaryEvent(event.attributes, event.body), signal);
      if (result.outcome === 'accepted') {
        if (number > lastAccepted) lastAccepted = number;
        metrics.countDelivered('accepted');
        return undefined;
      }
      const passed = lastAccepted > failedAt;
      failedAt = posts;
      failing ??= new FailingEvent(deps, channelId);
      return failing.handleFailure(event, result, passed, signal);
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
      failing?.end();
      end();
    }
  };
}

/** Many more than are under way at a time: few rows that differ share one. */
const BUCKETS = 1_024;

/**
 * Which rows of a batch are under way. Rows are told apart by a number that few share: those wait for each other, which
 * they need not. Not a Map: what it holds of a whole batch was most of what the garbage collector had to copy.
 */
class RowQueues {
  readonly #queues: (TunnelRecord[] | undefined)[] = new Array(BUCKETS).fill(undefined);

  /**
   * The records of a row from this one on, which grow while the row is under way; undefined where it is under way
   * already, and whoever has it gets the record.
   */
  begin(record: TunnelRecord): readonly TunnelRecord[] | undefined {
    const place = bucketOf(record.primaryKey);
    const queue = this.#queues[place];
    if (queue === undefined) {
      const own = [record];
      this.#queues[place] = own;
      return own;
    }
    queue.push(record);
    return undefined;
  }

  /** All records of the row are delivered. */
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
    // Between two values.
    sum = fnvStep(sum, 0x100);
  }
  return (sum ^ (sum >>> 16)) & (BUCKETS - 1);
}

const fnvStep = (sum: number, value: number): number => Math.imul(sum ^ value, 0x01000193);
