import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../../domain/backoff.ts';
import { isUnknownKey, OtsError, OtsUnreachable } from '../../ots/errors.ts';
import { isConditionUnmet, mayRetry, translateOtsError } from './errors.ts';

/** The operations of the package that the adapter uses. */
export type PackageOperation =
  | 'getRow'
  | 'putRow'
  | 'updateRow'
  | 'deleteRow'
  | 'getRange'
  | 'batchGetRow'
  | 'batchWriteRow';

/** One request: answered, or failed with OtsError or OtsUnreachable, within `ms`. */
export type SendRequest = (
  operation: PackageOperation,
  params: object,
  limits: { readonly ms: number; readonly signal?: AbortSignal | undefined },
) => Promise<object>;

/** One row's answer in a batch, as the package reads it. */
interface AnsweredRow {
  readonly isOk: boolean;
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
}

/** Sends one request until it is answered or may not be sent again; throws what it failed with, translated. */
export async function requestWithRetry(
  request: SendRequest,
  {
    operation,
    params,
    what,
    repeatable,
  }: { operation: PackageOperation; params: object; what: string; repeatable: boolean },
  limits: RequestLimits,
): Promise<object> {
  const ask = async (_one: readonly unknown[], each: AttemptLimits): Promise<ItemAnswer<object>[]> => [
    { value: await request(operation, params, each) },
  ];
  const [answer] = await retryUnanswered(
    [operation],
    { ask, mayRepeat: (_operation, error) => mayRetry(error, repeatable) },
    limits,
  );
  if (answer !== undefined && 'value' in answer) return answer.value;
  throw isConditionUnmet(answer?.error) ? answer?.error : translateOtsError(answer?.error, what);
}

/** A batch's rows as answers: those that failed with the service's code for the row. */
export function toRowAnswers<R extends AnsweredRow>(rows: readonly R[]): ItemAnswer<R>[] {
  return rows.map((row) =>
    row.isOk ? { value: row } : { error: new OtsError(row.errorCode ?? '', row.errorMessage ?? '') },
  );
}

/** What became of one thing that was asked for. */
export type ItemAnswer<O> = { readonly value: O } | { readonly error: unknown };

export interface RequestLimits {
  /** How long one request is waited for, in ms. */
  readonly tryMs: number;
  /** How long all of it may take, in ms. */
  readonly totalMs: number;
  /** Whether a key that the service does not know ends it at once. */
  readonly unknownKeyIsFinal: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How one request is to be sent. */
export interface AttemptLimits {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

interface BatchRequest<I, O> {
  /** Asks for these; what it throws is the answer to each of them. */
  readonly ask: (items: readonly I[], limits: AttemptLimits) => Promise<readonly ItemAnswer<O>[]>;
  readonly mayRepeat: (item: I, error: unknown) => boolean;
}

/** The Go SDK's first wait; it goes up to 320 ms, and we further, since we try for longer. */
const RETRY_BACKOFF = { firstMs: 10, longestMs: 2_000 };
/** Nothing is asked for with less time than this: its being late would hide what was wrong before. */
const MIN_ATTEMPT_MS = 100;

/**
 * Asks until all is answered, each time for those alone that failed and may be repeated, with doubling waits, and answers
 * by index; throws nothing but the signal's reason.
 */
export async function retryUnanswered<I, O>(
  items: readonly I[],
  { ask, mayRepeat }: BatchRequest<I, O>,
  { tryMs, totalMs, unknownKeyIsFinal, signal }: RequestLimits,
): Promise<ItemAnswer<O>[]> {
  const end = performance.now() + totalMs;
  const answers: ItemAnswer<O>[] = items.map(() => ({ error: new OtsUnreachable('it was not asked for') }));
  let open = [...items.keys()];
  const backoff = new Backoff(RETRY_BACKOFF);
  while (open.length > 0) {
    const asked = open.flatMap((index) => items.slice(index, index + 1));
    const ms = Math.max(1, Math.min(tryMs, end - performance.now()));
    const got = await requestAnswers(asked, ask, { ms: Math.round(ms), signal });
    const failed: number[] = [];
    for (const [place, index] of open.entries()) {
      const [answer, item] = [got[place], asked[place]];
      if (answer === undefined || item === undefined) continue;
      answers[index] = answer;
      if (!('error' in answer) || (unknownKeyIsFinal && isUnknownKey(answer.error))) continue;
      if (mayRepeat(item, answer.error)) failed.push(index);
    }
    open = failed;
    const pause = backoff.next();
    if (open.length === 0 || performance.now() + pause + MIN_ATTEMPT_MS >= end) break;
    await waitBeforeRetry(pause, signal);
  }
  return answers;
}

async function requestAnswers<I, O>(
  items: readonly I[],
  ask: BatchRequest<I, O>['ask'],
  limits: AttemptLimits,
): Promise<readonly ItemAnswer<O>[]> {
  try {
    const answers = await ask(items, limits);
    if (answers.length === items.length) return answers;
    throw new OtsUnreachable(`${items.length} rows were asked for, the answer has ${answers.length}`);
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

/** Items with the index they had. */
type BatchChunk<T> = readonly { readonly index: number; readonly item: T }[];

/** Cuts items into pieces of at most `rows` items and about `bytes` bytes; a larger one is a piece of its own. */
export function splitIntoBatches<T>(
  items: readonly T[],
  { rows, bytes, sizeOf }: { rows: number; bytes: number; sizeOf: (item: T) => number },
): BatchChunk<T>[] {
  const pieces: { index: number; item: T }[][] = [];
  let size = 0;
  for (const [index, item] of items.entries()) {
    const own = sizeOf(item);
    const last = pieces.at(-1);
    if (last === undefined || last.length >= rows || size + own > bytes) {
      pieces.push([{ index, item }]);
      size = own;
    } else {
      last.push({ index, item });
      size += own;
    }
  }
  return pieces;
}
