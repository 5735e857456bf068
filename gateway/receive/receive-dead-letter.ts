import type { CloudEvent } from '../../domain/cloud-event.ts';
import { messageOf, Unavailable } from '../../domain/errors.ts';
import type { DeadLetterInfo } from '../../domain/parked-request.ts';
import type { EventRequest } from '../http/event-request.ts';
import type { Reply } from '../http/replies.ts';
import { proveSenders } from '../senders/authorise.ts';
import { type Authentication, decodeAndAuthorise } from './decode-and-authorise.ts';
import { logReasonOf, type ReceiveDeps } from './receive-events.ts';
import { Rejection, readUncheckedContext, rejectRequest } from './reject-request.ts';

/**
 * Parks a dead letter of a broker or of the source, with the sender's reason. Answers 202 when the dead letter is
 * parked. Answers 503 if it cannot be parked now: the sender should retry, because no other component keeps the event.
 */
export async function receiveDeadLetter(
  request: EventRequest,
  authentication: Authentication,
  deps: ReceiveDeps,
  deadline: number,
): Promise<Reply> {
  try {
    const letter = await readDeadLetterRequest(request, authentication, deps, deadline);
    if (letter === undefined) return { status: 202 };
    const { event, deadLetter } = letter;
    const reason = deadLetterReason(deadLetter);
    const proof = await proveSenders(request, deps, deadline);
    const parked = await deps.park(request, { reason, status: 202, event, deadLetter, proof }, deadline);
    if ('workflowId' in parked) {
      deps.onResult({ event, outcome: 'parked', parked: parked.workflowId, reason });
      return { status: 202 };
    }
    deps.onResult({ event, outcome: 'deferred', reason: parked.reason });
    // A retry of this event would fail again. The status 413 shows senders that only a smaller event is accepted.
    if (parked.tooLarge) return { status: 413, error: parked.reason };
    return { status: 503, error: parked.reason };
  } catch (error) {
    if (error instanceof Rejection) return rejectRequest(request, error, deps, deadline);
    if (!(error instanceof Unavailable)) throw error;
    deps.onResult({ outcome: 'deferred', reason: logReasonOf(error) });
    return { status: 503, error: messageOf(error) };
  }
}

/**
 * Returns the event and the sender's information about it. Many dead letters are not valid events. For these, the
 * function returns only the attributes in the headers.
 */
async function readDeadLetterRequest(
  request: EventRequest,
  authentication: Authentication,
  deps: ReceiveDeps,
  deadline: number,
) {
  try {
    const [first] = (await decodeAndAuthorise(request, authentication, deps, deadline)).events;
    return first && { event: first.event, deadLetter: readDeadLetter(first.event) };
  } catch (error) {
    if (!(error instanceof Rejection) || error.status !== 400) throw error;
    const headerAttributes = Object.entries(request.headers).map(([name, value]) => [
      name.replace(/^ce-/, ''),
      String(value),
    ]);
    return {
      event: readUncheckedContext(request),
      deadLetter: readDeadLetter({ attributes: Object.fromEntries(headerAttributes) }),
    };
  }
}

/** Longer error data is cut. Knative itself sends at most 1,024 bytes. */
const MAX_ERROR_DATA_LENGTH = 2_000;

/**
 * Reads the attributes that the sender has added to a dead letter. Sluice's source adds the reason (`sluiceerror`). A
 * Knative broker adds the destination, its status code, and the body of its answer in base64 (eventing,
 * pkg/channel/event_dispatcher.go).
 */
export function readDeadLetter({ attributes }: Pick<CloudEvent, 'attributes'>): DeadLetterInfo {
  const { knativeerrordest: destination, knativeerrorcode: code, knativeerrordata: data } = attributes;
  const { sluiceerror: sourceReason } = attributes;
  return {
    ...(sourceReason === undefined
      ? {}
      : { sourceReason: String(sourceReason).slice(0, MAX_ERROR_DATA_LENGTH) }),
    ...(destination === undefined ? {} : { destination: String(destination) }),
    ...(/^\d{3}$/.test(String(code)) ? { code: Number(code) } : {}),
    ...(data === undefined ? {} : { data: decodeErrorData(String(data)).slice(0, MAX_ERROR_DATA_LENGTH) }),
  };
}

/** Formats the information of the sender as one sentence. */
export function deadLetterReason({ sourceReason, destination, code, data }: DeadLetterInfo): string {
  if (sourceReason !== undefined) return `the source gave up on the event: ${sourceReason}`;
  const answered = code === undefined ? 'gave no answer' : `answered ${code}`;
  const answerText = data === undefined || data.trim() === '' ? '' : `: ${data.trim()}`;
  return `a broker gave up on the event: ${destination ?? 'its subscriber'} ${answered}${answerText}`;
}

/**
 * Decodes error data in base64. Returns data that is not base64 of UTF-8 unchanged: not all brokers encode the data.
 */
function decodeErrorData(data: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data) || data.length % 4 !== 0) return data;
  const bytes = Buffer.from(data, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : data;
}
