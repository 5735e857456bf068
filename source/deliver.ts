import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdmissionQueue } from '../domain/admission-queue.ts';
import { forEachParallel } from '../domain/for-each-parallel.ts';
import type { Batch } from '../ots/tunnel/channel-reader.ts';
import type { TunnelRecord } from '../ots/tunnel/record.ts';
import type { KeyCell, KeyValue } from '../ots/wire/row.ts';
import { binaryEvent } from '../runtime/binary-event.ts';
import { limitedSignal } from '../runtime/limited-signal.ts';
import { changeEvent, committedMsOf, type EventOrigin } from './change-event.ts';
import { type FailingDeps, FailingEvent } from './failing-event.ts';
import type { PostEvent } from './sink.ts';

/** Sees to it that one record is accepted, or set aside; throws only when the signal says that it is over. */
type DeliverRecord = (record: TunnelRecord, channelId: string, signal: AbortSignal) => Promise<void>;

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
  const rows = new RowsUnderWay();
  // One that fails ends all: nothing of this batch may be taken for delivered.
  const { signal: both, abort, release } = limitedSignal(signal);
  // Each record under way listens: more than ten are no leak here.
  setMaxListeners(0, both);
  const deliverRow = async (first: TunnelRecord): Promise<void> => {
    // Undefined: the row is under way already, and its queue has this record now.
    const queue = rows.begin(first);
    if (queue === undefined) return;
    try {
      // It grows while it is gone through.
      for (const record of queue) {
        both.throwIfAborted();
        await deliver(record, channelId, both);
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

interface DeliverDeps extends FailingDeps {
  readonly origin: EventOrigin;
  readonly post: PostEvent;
}

/** What events may take while they are posted: half of the heap that the source is run with. */
const EVENT_BYTES = 48 * 1024 * 1024;

/** An event takes at most so many times its record's bytes: its values, and JSON with up to six bytes for one of them. */
const WEIGHT = 8;

/** Posts each record's event until the sink has it, or the dead-letter sink has it with the reason. */
export function recordDelivery(deps: DeliverDeps): DeliverRecord {
  const { origin, post, metrics } = deps;
  const memory = new AdmissionQueue({ parallel: { weight: EVENT_BYTES } });
  // Posts are numbered, so that an event can tell whether the sink has taken one that was posted after its own failure.
  let posts = 0;
  let lastAccepted = 0;

  return async (record, channelId, signal) => {
    const end = metrics.begin(channelId, committedMsOf(record));
    const weight = (record.bytes ?? 0) * WEIGHT;
    let failing: FailingEvent | undefined;
    let failedAt = Number.POSITIVE_INFINITY;
    /**
     * Tries once; answers how long to wait, in ms, for the next try, undefined when it is delivered. A function of its
     * own, and the event made anew for each try: what waits takes no more than its record does.
     */
    const tryOnce = async (): Promise<number | undefined> => {
      const event = changeEvent(record, origin);
      const number = ++posts;
      const result = await post(binaryEvent(event.attributes, event.body), signal);
      if (result.outcome === 'accepted') {
        if (number > lastAccepted) lastAccepted = number;
        metrics.delivered('accepted');
        return undefined;
      }
      const passed = lastAccepted > failedAt;
      failedAt = posts;
      failing ??= new FailingEvent(deps, channelId);
      return failing.failed(event, result, passed, signal);
    };
    try {
      for (;;) {
        const slot = memory.tryEnter(weight) ?? (await memory.wait(weight, signal));
        let waitMs: number | undefined;
        try {
          waitMs = await tryOnce();
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
const PLACES = 1_024;

/**
 * Which rows of a batch are under way. Rows are told apart by a number that few share: those wait for each other, which
 * they need not. Not a Map: what it holds of a whole batch was most of what the garbage collector had to copy.
 */
class RowsUnderWay {
  readonly #queues: (TunnelRecord[] | undefined)[] = new Array(PLACES).fill(undefined);

  /**
   * The records of a row from this one on, which grow while the row is under way; undefined where it is under way
   * already, and whoever has it gets the record.
   */
  begin(record: TunnelRecord): readonly TunnelRecord[] | undefined {
    const place = placeOf(record.primaryKey);
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
    this.#queues[placeOf(primaryKey)] = undefined;
  }
}

/** FNV-1a over the key's values. */
function placeOf(primaryKey: readonly KeyCell<KeyValue>[]): number {
  let sum = 0x811c9dc5;
  for (const { value } of primaryKey) {
    if (typeof value === 'string')
      for (let at = 0; at < value.length; at++) sum = mixed(sum, value.charCodeAt(at));
    else if (typeof value === 'bigint') sum = mixed(sum, Number(BigInt.asUintN(32, value)));
    else for (const byte of value) sum = mixed(sum, byte);
    // Between two values.
    sum = mixed(sum, 0x100);
  }
  return (sum ^ (sum >>> 16)) & (PLACES - 1);
}

const mixed = (sum: number, value: number): number => Math.imul(sum ^ value, 0x01000193);
