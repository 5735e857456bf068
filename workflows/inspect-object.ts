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

const isFinal = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.nonRetryable === true;
