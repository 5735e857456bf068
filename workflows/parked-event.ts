import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { ParkedEnd, ParkedRequest } from '../domain/parked-request.ts';
import { trackProgress } from './progress.ts';

/** Sent when the request was replayed, or is not wanted any more. */
export const settledSignal = defineSignal<[ParkedEnd]>('settled');

/** Nobody looks at an older one. */
const KEPT = '30 days';

/** Keeps a request that could not be worked off until a person has dealt with it. */
export async function parkedEvent({ status, reason }: ParkedRequest): Promise<ParkedEnd> {
  const progress = trackProgress('requests');
  let end: ParkedEnd | undefined;
  setHandler(settledSignal, (settled) => {
    end = settled;
  });
  progress.enter('parked');
  progress.update({ total: 1, note: `${status}: ${reason}` });
  await condition(() => end !== undefined, KEPT);
  const settled = end ?? { outcome: 'expired', note: 'nobody dealt with it within 30 days' };
  progress.update({ done: 1, note: settled.note || settled.outcome });
  progress.enter('done');
  return settled;
}
