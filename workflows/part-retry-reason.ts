import { TimeoutType } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';

/** The maximum number of attempts at a part after its worker or its files were lost. */
const MAX_ATTEMPTS = 20;

/**
 * Returns why a part starts again with its download; undefined if it must fail. `scratch-lost`: no worker serves the task
 * queue of the part's scratch disk any more, or the disk has lost the files or is full. `corrupt`: the content is damaged,
 * because the download may have been faulty. This reason counts only once per part: `wasCorrupt` says that it has occurred.
 */
export function partRetryReason(
  error: unknown,
  attempt: number,
  wasCorrupt: boolean,
): 'scratch-lost' | 'corrupt' | undefined {
  if (!(error instanceof ActivityFailure)) return undefined;
  const { cause } = error;
  const isQueueDead = cause instanceof TimeoutFailure && cause.timeoutType === TimeoutType.SCHEDULE_TO_START;
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  if (isQueueDead || type === 'ScratchLost' || type === 'ScratchFull') {
    return attempt < MAX_ATTEMPTS ? 'scratch-lost' : undefined;
  }
  return type === 'CorruptEntry' && !wasCorrupt ? 'corrupt' : undefined;
}
