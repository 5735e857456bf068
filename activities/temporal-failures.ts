import { Context } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { classifyError, messageOf } from '../domain/errors.ts';

/**
 * The maximum number of attempts if an activity fails because of a bug in Sluice. The retries leave time for a
 * deployment that fixes the bug. But they must not go on for hours.
 */
const MAX_BUG_ATTEMPTS = 12;

/** A longer message is cut in the middle: it starts with its subject, and ends with the reason. */
const MAX_MESSAGE_CHARACTERS = 4_000;

function shortenMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor((limit - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}

/** Turns an error into a Temporal failure. The kind of the error decides if and when Temporal retries the activity. */
function toTemporalFailure(error: unknown, attempt: number): unknown {
  if (error instanceof TemporalFailure) return error;
  const { type, kind, retry, afterMs } = classifyError(error);
  return ApplicationFailure.create({
    type,
    message: shortenMiddle(messageOf(error, Number.POSITIVE_INFINITY), MAX_MESSAGE_CHARACTERS),
    nonRetryable: !retry || (kind === 'bug' && attempt >= MAX_BUG_ATTEMPTS),
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
    ...(error instanceof Error && error.stack !== undefined && kind === 'bug' ? { cause: error } : {}),
  });
}

type Activities = Record<string, (...args: never[]) => Promise<unknown>>;

/** Wraps activities so that every error becomes a Temporal failure. A cancelled activity always ends as cancelled. */
export function withTemporalFailures<T extends Activities>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: never[]) => {
      try {
        return await run(...args);
      } catch (error) {
        const { cancellationSignal, info } = Context.current();
        throw cancellationSignal.aborted ? cancellationSignal.reason : toTemporalFailure(error, info.attempt);
      }
    },
  ]);
  return Object.fromEntries(wrapped) as T;
}
