import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../../domain/backoff.ts';
import { isUnknownKey, OtsError, OtsUnreachable } from '../../ots/errors.ts';
import { isConditionUnmet, mayRetry, translateOtsError } from './errors.ts';

/** The operations of the package `tablestore` that the adapter uses. */
export type PackageOperation =
  | 'getRow'
  | 'putRow'
  | 'updateRow'
  | 'deleteRow'
  | 'getRange'
  | 'batchGetRow'
  | 'batchWriteRow';

/** Sends one request. Throws OtsError or OtsUnreachable within `ms`. */
export type SendRequest = (
  operation: PackageOperation,
  params: object,
  limits: { readonly ms: number; readonly signal?: AbortSignal | undefined },
) => Promise<object>;

/** One row's answer in a batch, as the package returns it. */
interface AnsweredRow {
  readonly isOk: boolean;
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
}

/** Sends one request. Retries it if that is allowed. Throws a translated error, except for an unmet condition. */
export async function requestWithRetry(
  request: SendRequest,
  {
    operation,
    params,
    action,
    repeatable,
  }: { operation: PackageOperation; params: object; action: string; repeatable: boolean },
  limits: RequestLimits,
): Promise<object> {
  const sendBatch = async (
    _one: readonly unknown[],
    attemptLimits: AttemptLimits,
  ): Promise<ItemAnswer<object>[]> => [{ value: await request(operation, params, attemptLimits) }];
  const [answer] = await sendItemsWithRetry(
    [operation],
    { sendBatch, mayRepeat: (_operation, error) => mayRetry(error, repeatable) },
    limits,
  );
  if (answer !== undefined && 'value' in answer) return answer.value;
  throw isConditionUnmet(answer?.error) ? answer?.error : translateOtsError(answer?.error, action);
}

/** Converts the rows of a batch's answer. The error of a failed row has the service's error code. */
export function toRowAnswers<R extends AnsweredRow>(rows: readonly R[]): ItemAnswer<R>[] {
  return rows.map((row) =>
    row.isOk ? { value: row } : { error: new OtsError(row.errorCode ?? '', row.errorMessage ?? '') },
  );
}

/** The result for one item of a batch. */
export type ItemAnswer<O> = { readonly value: O } | { readonly error: unknown };

export interface RequestLimits {
  /** Timeout of one attempt, in ms. */
  readonly tryMs: number;
  /** Timeout of all attempts, in ms. */
  readonly totalMs: number;
  /** True if a call with an unknown access key is not retried. */
  readonly unknownKeyIsFinal: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How one attempt is sent. */
export interface AttemptLimits {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

interface BatchRequest<I, O> {
  /** Sends these items. If it throws, the error is the answer of each item. */
  readonly sendBatch: (items: readonly I[], limits: AttemptLimits) => Promise<readonly ItemAnswer<O>[]>;
  readonly mayRepeat: (item: I, error: unknown) => boolean;
}

/**
 * The first wait is the same as in Tablestore's Go SDK. The waits of that SDK grow to 320 ms. The waits here grow to
 * 2 s, because the timeout for all attempts is longer.
 */
const RETRY_BACKOFF = { firstMs: 10, longestMs: 2_000 };
/** If less time than this is left, no further attempt is made, because its timeout would hide the earlier error. */
const MIN_ATTEMPT_MS = 100;

/**
 * Sends all items. Then repeats the failed items, if they are safe to repeat, until no such item is left or the time is
 * over. The backoff grows with each retry. Returns the answers by index. Throws only the signal's reason.
 */
export async function sendItemsWithRetry<I, O>(
  items: readonly I[],
  { sendBatch, mayRepeat }: BatchRequest<I, O>,
  { tryMs, totalMs, unknownKeyIsFinal, signal }: RequestLimits,
): Promise<ItemAnswer<O>[]> {
  const endAtMs = performance.now() + totalMs;
  const answers: ItemAnswer<O>[] = items.map(() => ({ error: new OtsUnreachable('it was not sent') }));
  let pending = [...items.keys()];
  const backoff = new Backoff(RETRY_BACKOFF);
  while (pending.length > 0) {
    const sent = pending.flatMap((index) => items.slice(index, index + 1));
    const ms = Math.max(1, Math.min(tryMs, endAtMs - performance.now()));
    const newAnswers = await requestAnswers(sent, sendBatch, { ms: Math.round(ms), signal });
    const failed: number[] = [];
    for (const [sentIndex, index] of pending.entries()) {
      const [answer, item] = [newAnswers[sentIndex], sent[sentIndex]];
      if (answer === undefined || item === undefined) continue;
      answers[index] = answer;
      if (!('error' in answer) || (unknownKeyIsFinal && isUnknownKey(answer.error))) continue;
      if (mayRepeat(item, answer.error)) failed.push(index);
    }
    pending = failed;
    const lastStartMs = endAtMs - MIN_ATTEMPT_MS;
    const pause = backoff.next();
    if (pending.length === 0 || performance.now() + pause >= lastStartMs) break;
    await waitBeforeRetry(pause, signal);
    // On a busy machine, the wait can be longer.
    if (performance.now() >= lastStartMs) break;
  }
  return answers;
}

async function requestAnswers<I, O>(
  items: readonly I[],
  sendBatch: BatchRequest<I, O>['sendBatch'],
  limits: AttemptLimits,
): Promise<readonly ItemAnswer<O>[]> {
  try {
    const answers = await sendBatch(items, limits);
    if (answers.length === items.length) return answers;
    throw new OtsUnreachable(`the request has ${items.length} rows, but the answer has ${answers.length}`);
  } catch (error) {
    limits.signal?.throwIfAborted();
    return items.map(() => ({ error }));
  }
}

async function waitBeforeRetry(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    signal?.throwIfAborted();
  }
}

/** Items with their original index. */
type BatchChunk<T> = readonly { readonly index: number; readonly item: T }[];

/** Splits items into chunks of at most `rows` items and about `bytes` bytes. A larger item gets its own chunk. */
export function splitIntoBatches<T>(
  items: readonly T[],
  { rows, bytes, sizeOf }: { rows: number; bytes: number; sizeOf: (item: T) => number },
): BatchChunk<T>[] {
  const chunks: { index: number; item: T }[][] = [];
  let size = 0;
  for (const [index, item] of items.entries()) {
    const itemBytes = sizeOf(item);
    const last = chunks.at(-1);
    if (last === undefined || last.length >= rows || size + itemBytes > bytes) {
      chunks.push([{ index, item }]);
      size = itemBytes;
    } else {
      last.push({ index, item });
      size += itemBytes;
    }
  }
  return chunks;
}
