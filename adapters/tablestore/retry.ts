import { setTimeout as sleep } from 'node:timers/promises';
import { OtsUnreachable } from '../../ots/ots-error.ts';

/** What became of one thing that was asked for. */
export type Answer<O> = { readonly value: O } | { readonly error: unknown };

export interface Limits {
  /** How long one request is waited for, in ms. */
  readonly tryMs: number;
  /** How long all of it may take, in ms. */
  readonly totalMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How one request is to be sent. */
export interface Try {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

interface Asking<I, O> {
  /** Asks for these; what it throws is the answer to each of them. */
  readonly ask: (items: readonly I[], limits: Try) => Promise<readonly Answer<O>[]>;
  readonly mayRepeat: (item: I, error: unknown) => boolean;
}

/** The Go SDK's first wait; it goes up to 320 ms, and we further, since we try for longer. */
const FIRST_MS = 10;
const LONGEST_MS = 2_000;
/** Nothing is asked for with less time than this: its being late would hide what was wrong before. */
const SHORTEST_TRY_MS = 100;

/**
 * Asks until all is answered, each time for those alone that failed and may be repeated, with doubling waits, and answers
 * by index; throws nothing but the signal's reason.
 */
export async function askUntilAnswered<I, O>(
  items: readonly I[],
  { ask, mayRepeat }: Asking<I, O>,
  { tryMs, totalMs, signal }: Limits,
): Promise<Answer<O>[]> {
  const end = performance.now() + totalMs;
  const answers: Answer<O>[] = items.map(() => ({ error: new OtsUnreachable('it was not asked for') }));
  let open = [...items.keys()];
  for (let waitMs = FIRST_MS; open.length > 0; waitMs = Math.min(waitMs * 2, LONGEST_MS)) {
    const asked = open.flatMap((index) => items.slice(index, index + 1));
    const ms = Math.max(1, Math.min(tryMs, end - performance.now()));
    const got = await answersTo(asked, ask, { ms: Math.round(ms), signal });
    const failed: number[] = [];
    for (const [place, index] of open.entries()) {
      const [answer, item] = [got[place], asked[place]];
      if (answer === undefined || item === undefined) continue;
      answers[index] = answer;
      if ('error' in answer && mayRepeat(item, answer.error)) failed.push(index);
    }
    open = failed;
    const pause = waitMs * (0.75 + Math.random() / 2);
    if (open.length === 0 || performance.now() + pause + SHORTEST_TRY_MS >= end) break;
    await paused(pause, signal);
  }
  return answers;
}

async function answersTo<I, O>(
  items: readonly I[],
  ask: Asking<I, O>['ask'],
  limits: Try,
): Promise<readonly Answer<O>[]> {
  try {
    const answers = await ask(items, limits);
    if (answers.length === items.length) return answers;
    throw new OtsUnreachable(`${items.length} rows were asked for, the answer has ${answers.length}`);
  } catch (error) {
    limits.signal?.throwIfAborted();
    return items.map(() => ({ error }));
  }
}

async function paused(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    signal?.throwIfAborted();
  }
}
