import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** The maximum number of attempts at a part after its worker or its files were lost. */
const MAX_ATTEMPTS = 20;

/**
 * Decides whether a part starts again with its download. It does if no worker serves the task queue of its scratch disk
 * any more, or if its files are lost. If its content is damaged, the part starts again only once, because the download
 * may have been faulty: `retriedTypes` has the failure types of such retries.
 */
export function shouldRetryPart(error: unknown, attempt: number, retriedTypes: Set<string>): boolean {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  if (cause instanceof TimeoutFailure && cause.timeoutType === TimeoutType.SCHEDULE_TO_START) {
    return attempt < MAX_ATTEMPTS;
  }
  if (!(cause instanceof ApplicationFailure)) return false;
  if (cause.type === 'ScratchLost' || cause.type === 'ScratchFull') return attempt < MAX_ATTEMPTS;
  if (cause.type !== 'CorruptEntry' || retriedTypes.has(cause.type)) return false;
  retriedTypes.add(cause.type);
  return true;
}
