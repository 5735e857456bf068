import { ActivityFailure, ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { InspectResult } from '../activities/unzip/inspect.ts';
import type { UnzipObjectInput } from '../domain/unzip/archive.ts';
import { localActivities, sharedActivities } from './unzip-activity-proxies.ts';

/**
 * Inspects the object in a local activity, which is not billed separately. If the store does not answer in time, an
 * ordinary activity inspects the object again, with retries.
 */
export async function inspectObject(input: UnzipObjectInput): Promise<InspectResult> {
  try {
    return await localActivities.inspect(input);
  } catch (error) {
    if (isCancellation(error) || isFinal(error)) throw error;
    return await sharedActivities.inspect(input);
  }
}

/** The failure of a local activity is not wrapped in an `ActivityFailure`. */
function isFinal(error: unknown): boolean {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  return failure instanceof ApplicationFailure && failure.nonRetryable === true;
}
