import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { ParkedRequest, ParkedResult } from '../domain/parked-request.ts';
import { trackProgress } from './track-progress.ts';

/** Sent when the request was replayed, or is not wanted any more. */
export const settledSignal = defineSignal<[ParkedResult]>('settled');

/** Nobody looks at an older one. */
const KEEP_FOR = '30 days';

/** Keeps a request that could not be worked off until a person has dealt with it. */
export async function parkedEvent({ status, reason }: ParkedRequest): Promise<ParkedResult> {
  const progress = trackProgress('requests');
  let end: ParkedResult | undefined;
  setHandler(settledSignal, (settled) => {
    end = settled;
  });
  progress.enter('parked');
  progress.update({ total: 1, note: `${status}: ${reason}` });
  await condition(() => end !== undefined, KEEP_FOR);
  const settled = end ?? { outcome: 'expired', note: 'nobody dealt with it within 30 days' };
  progress.update({ done: 1, note: settled.note || settled.outcome });
  progress.enter('done');
  return settled;
}
