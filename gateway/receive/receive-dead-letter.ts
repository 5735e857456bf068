import { messageOf, Unavailable } from '../../domain/errors.ts';
import { RETRY_AFTER, type Reply } from '../answer.ts';
import { deadLetterOf, deadLetterReason } from '../operator/dead-letter.ts';
import type { ReceiveDeps } from '../receive.ts';
import { admit } from './admit.ts';
import { glimpse } from './glimpse.ts';
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
    const letter = await readLetter(request, deps, deadline);
    if (letter === undefined) return { status: 202 };
    const { event, deadLetter } = letter;
    const reason = deadLetterReason(deadLetter);
    const parked = await deps.park(request, { reason, status: 202, event, deadLetter }, deadline);
    if ('workflowId' in parked) {
      deps.onReceived({ event, outcome: 'parked', parked: parked.workflowId, reason });
      return { status: 202 };
    }
    deps.onReceived({ event, outcome: 'deferred', reason: parked.refused });
    // It will not get smaller by waiting; a sender that can make it so, as the source does, has to know.
    if (parked.tooLarge) return { status: 413, error: parked.refused };
    return { status: 503, ...later, error: parked.refused };
  } catch (error) {
    if (error instanceof Refusal) return refuse(request, error, deps, deadline);
    if (!(error instanceof Unavailable)) throw error;
    deps.onReceived({ outcome: 'deferred', reason: messageOf(error) });
    return { status: 503, ...later, error: messageOf(error) };
  }
}

/**
 * The event and what the broker says of it. What cannot be read is often why it is here: of that, as much as its headers
 * tell.
 */
async function readLetter(request: SinkRequest, deps: ReceiveDeps, deadline: number) {
  try {
    const [first] = (await admit(request, deps, deadline)).events;
    return first && { event: first.event, deadLetter: deadLetterOf(first.event) };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) throw error;
    const named = Object.entries(request.headers).map(([name, value]) => [
      name.replace(/^ce-/, ''),
      String(value),
    ]);
    return { event: glimpse(request), deadLetter: deadLetterOf({ attributes: Object.fromEntries(named) }) };
  }
}
