import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** How often a part begins again because its worker or its files were lost. */
const MAX_ATTEMPTS = 20;

/**
 * Whether a part should begin again from its download: when nobody serves its disk any more, when its files are gone,
 * or once, with fresh bytes, when its content turned out to be damaged.
 */
export function shouldRetryPart(error: unknown, attempt: number, seen: Set<string>): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  if (cause instanceof TimeoutFailure && cause.timeoutType === TimeoutType.SCHEDULE_TO_START) {
    return attempt < MAX_ATTEMPTS;
  }
  if (!(cause instanceof ApplicationFailure)) return false;
  if (cause.type === 'ScratchLost' || cause.type === 'ScratchFull') return attempt < MAX_ATTEMPTS;
  if (cause.type !== 'CorruptEntry' || seen.has(cause.type)) return false;
  seen.add(cause.type);
  return true;
}
