import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { ParkedRequest, ParkedResult, SenderProof } from '../domain/parked-request.ts';
import { parkedEventSignals } from '../domain/temporal-contract.ts';
import { trackProgress } from './track-progress.ts';

const settledSignal = defineSignal<[ParkedResult]>(parkedEventSignals.settled);
const sentAgainSignal = defineSignal<[SenderProof]>(parkedEventSignals.sentAgain);

/** After this time a parked request is no longer useful. */
const KEEP_FOR = '30 days';

/** Keeps a parked request until a person replays or dismisses it, but at most for 30 days. */
export async function parkedEvent({ status, reason }: ParkedRequest): Promise<ParkedResult> {
  const progress = trackProgress('requests');
  let receivedResult: ParkedResult | undefined;
  setHandler(settledSignal, (settled) => {
    receivedResult = settled;
  });
  // The gateway reads these signals from the history. Without a handler, the SDK would warn about them.
  setHandler(sentAgainSignal, () => {});
  progress.enter('parked');
  progress.update({ total: 1, note: `${status}: ${reason}` });
  await condition(() => receivedResult !== undefined, KEEP_FOR);
  const settled = receivedResult ?? { outcome: 'expired', note: 'not replayed or dismissed within 30 days' };
  progress.update({ done: 1, note: settled.note || settled.outcome });
  progress.enter('done');
  return settled;
}
