import { messageOf, Unavailable } from '../../domain/errors.ts';
import { RETRY_AFTER, type Reply } from '../answer.ts';
import { deadLetterOf, deadLetterReason } from '../operator/dead-letter.ts';
import type { ReceiveDeps } from '../receive.ts';
import { admit } from './admit.ts';
import { Refusal } from './refusal.ts';
import { refuse } from './refuse.ts';
import type { SinkRequest } from './sink-request.ts';

/**
 * Parks what a broker gave up on, with the reason that the broker gives. Acknowledged when it is parked; where it
 * cannot be, the broker is told to come again, for there is nobody behind us.
 */
export async function receiveDeadLetter(
  request: SinkRequest,
  deps: ReceiveDeps,
  deadline: number,
): Promise<Reply> {
  const later = { headers: { 'Retry-After': RETRY_AFTER } };
  try {
    const { events } = await admit(request, deps, deadline);
    const [first] = events;
    if (first === undefined) return { status: 202 };
    const { event } = first;
    const deadLetter = deadLetterOf(event);
    const reason = deadLetterReason(deadLetter);
    const parked = await deps.park(request, { reason, status: 202, event, deadLetter }, deadline);
    if ('workflowId' in parked) {
      deps.onReceived({ event, outcome: 'parked', parked: parked.workflowId, reason });
      return { status: 202 };
    }
    deps.onReceived({ event, outcome: 'deferred', reason: parked.refused });
    return { status: 503, ...later, error: parked.refused };
  } catch (error) {
    if (error instanceof Refusal) return refuse(request, error, deps, deadline);
    if (!(error instanceof Unavailable)) throw error;
    deps.onReceived({ outcome: 'deferred', reason: messageOf(error) });
    return { status: 503, ...later, error: messageOf(error) };
  }
}
