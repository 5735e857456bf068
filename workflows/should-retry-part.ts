import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** The maximum number of attempts at a part after its worker or its files were lost. */
const MAX_ATTEMPTS = 20;

/**
 * Returns true if a part must start again with its download. There are two reasons. First: no worker serves the task
 * queue of the part's scratch disk any more, or the disk has lost the files or is full. Second: the content is
 * damaged, because the download may have been faulty. The second reason counts only once per part. This function adds
 * the failure type to `retriedTypes`. It returns false if the type is already there.
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
