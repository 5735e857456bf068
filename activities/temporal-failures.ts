import { Context } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { classifyError, messageOf } from '../domain/errors.ts';

/** What is our own bug is tried this often: a deployment may mend it, but not every hour of a day. */
const MAX_BUG_ATTEMPTS = 12;

/** The one place where our errors become Temporal's: the verdict decides on retries and on the wait before them. */
function toTemporalFailure(error: unknown, attempt: number): unknown {
  if (error instanceof TemporalFailure) return error;
  const { type, kind, retry, afterMs } = classifyError(error);
  return ApplicationFailure.create({
    type,
    message: messageOf(error, 1_000),
    nonRetryable: !retry || (kind === 'bug' && attempt >= MAX_BUG_ATTEMPTS),
    ...(afterMs === undefined ? {} : { nextRetryDelay: afterMs }),
    ...(error instanceof Error && error.stack !== undefined && kind === 'bug' ? { cause: error } : {}),
  });
}

type Activities = Record<string, (...args: never[]) => Promise<unknown>>;

/** The same activities, with every error translated; a cancelled one ends as cancelled, whatever it threw. */
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
