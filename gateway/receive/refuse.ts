import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import type { ParkedAbout } from '../../domain/parked-request.ts';
import { RETRY_AFTER, type Reply } from '../answer.ts';
import type { Park } from '../parking/park.ts';
import { glimpse } from './glimpse.ts';
import type { Received } from './received.ts';
import type { Refusal } from './refusal.ts';
import type { SinkRequest } from './sink-request.ts';

/** Parked is what a person can repair; who may not send must not fill our store. */
const PARKED: readonly number[] = [400, 422];

/**
 * Answers a request that is refused for good, and parks it where its status asks for that. The status stays what the
 * table of answers says, also when parking fails; but a source that wants 202 for parked requests gets it only for what
 * is parked, and 503 when that could not be done now.
 */
export async function refuse(
  request: SinkRequest,
  refusal: Refusal,
  { park, onReceived }: { park: Park; onReceived: (received: Received) => void },
  deadline: number,
): Promise<Reply> {
  const { status, message: reason, route, source } = refusal;
  const about: ParkedAbout = refusal.event ?? glimpse(request);
  const told: Received = { event: about, route, outcome: 'rejected', reason };
  if (!PARKED.includes(status)) {
    onReceived(told);
    return { status, error: reason };
  }
  try {
    const parked = await park(request, { reason, status, route, event: about }, deadline);
    onReceived({
      ...told,
      ...('workflowId' in parked
        ? { parked: parked.workflowId, parkedBefore: parked.again === true }
        : { reason: `${reason} (${parked.refused})` }),
    });
    if (source?.ackParked && 'workflowId' in parked) return { status: 202 };
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof InvalidInput)) throw error;
    onReceived({ ...told, reason: `${reason} (not parked: ${messageOf(error)})` });
    if (source?.ackParked && error instanceof Unavailable)
      return { status: 503, headers: { 'Retry-After': RETRY_AFTER }, error: messageOf(error) };
  }
  return { status, error: reason };
}
