import { Unavailable } from '../../domain/errors.ts';
import type { SenderProof } from '../../domain/parked-request.ts';
import type { CredentialStatus, RequestHead, RequestWithCredentials } from '../auth/credentials.ts';
import { quoteForMessage } from '../decode/bad-event.ts';
import { checkCredentialOnce } from './credential-checks.ts';
import { findSender, type Sender } from './sender.ts';

export interface AuthoriseDeps {
  readonly senders: readonly Sender[];
  /** True if the request has a token of an operator, who may send events of every sender. */
  readonly isOperator: (request: RequestHead) => boolean;
}

/**
 * Whether a request may send an event. The reason of a rejection is one sentence without secrets, for the log. The
 * answer to the client must not contain it, and must not depend on whether a sender for the event exists.
 */
export type Authorisation = { readonly status: 'allowed'; readonly sender?: Sender } | Rejected;

/** Why a request may not send an event. */
export interface Rejected {
  readonly status: 401 | 403;
  readonly reason: string;
}

/**
 * Decides whether a request may send an event (in JSON format), by the sender that the event belongs to. The status of
 * a rejection depends only on the credentials of the request, so it does not show which senders exist. Throws
 * `Unavailable` if the decision is not possible by `deadline` (epoch ms). All calls for one batch get the same request
 * object, so each credential is checked once.
 */
export async function authorise(
  senders: readonly Sender[],
  event: Readonly<Record<string, unknown>>,
  request: RequestWithCredentials,
  deadline: number,
): Promise<Authorisation> {
  if (senders.length === 0) return { status: 'allowed' };
  const sender = findSender(senders, event);
  if (sender !== undefined && (await checkSender(sender, request, deadline)).status === 'proven')
    return { status: 'allowed', sender };
  const status = await rejectionStatus(senders, request, deadline);
  if (sender === undefined)
    return {
      status,
      reason: `no sender is configured for events of source ${quoteForMessage(event.source)}`,
    };
  const kinds = [...new Set(sender.credentials.map(({ kind }) => kind))].join(' or ');
  return {
    status,
    reason: `the event belongs to sender ${sender.name}, but the request does not have its credentials (${kinds})`,
  };
}

/**
 * Returns the status for an event that a request may not send. It is 403 if the request has credentials of a sender.
 * It is also 403 if no sender needs credentials, because then no credentials help. Otherwise it is 401. Throws
 * `Unavailable` if a credential cannot be checked.
 */
async function rejectionStatus(
  senders: readonly Sender[],
  request: RequestWithCredentials,
  deadline: number,
): Promise<401 | 403> {
  const checks = await checkAll(
    senders.filter(({ credentials }) => credentials.length > 0),
    request,
    deadline,
  );
  const isKnown = checks.some(({ status }) => status === 'proven' || status === 'forbidden');
  return isKnown || checks.length === 0 ? 403 : 401;
}

/** Checks a request against all senders. Throws `Unavailable` if a credential cannot be checked now. */
async function checkAll(
  senders: readonly Sender[],
  request: RequestWithCredentials,
  deadline: number,
): Promise<SenderCheck[]> {
  const checks: SenderCheck[] = [];
  for (const sender of senders) checks.push(await checkSender(sender, request, deadline));
  const unavailable = checks.find((check) => check.unavailable !== undefined)?.unavailable;
  if (unavailable !== undefined) throw new UncheckedCredentials(unavailable);
  return checks;
}

/** Credentials cannot be checked now. The message is for the client. The log gets the message of the cause. */
export class UncheckedCredentials extends Unavailable {
  constructor(cause: Unavailable) {
    super(cause.type, 'the credentials of the request cannot be checked now', {
      cause,
      afterMs: cause.afterMs,
    });
  }
}

/**
 * Decides whether an event (in JSON format) of a parked request may be replayed. Like `authorise`, but with the proof
 * that was recorded when the request arrived, and with today's senders.
 */
export function authoriseReplay(
  senders: readonly Sender[],
  event: Readonly<Record<string, unknown>>,
  proof: SenderProof | undefined,
): Authorisation {
  if (senders.length === 0) return { status: 'allowed' };
  const sender = findSender(senders, event);
  if (sender !== undefined && (sender.credentials.length === 0 || proof?.senders.includes(sender.name)))
    return { status: 'allowed', sender };
  if (proof?.operator) return { status: 'allowed' };
  const reason =
    sender === undefined
      ? `no sender is configured for events of source ${quoteForMessage(event.source)}`
      : `the event belongs to sender ${sender.name}, but ${proof === undefined ? UNKNOWN_PROOF : 'the request had no valid credentials of this sender'}`;
  return { status: 403, reason };
}

const UNKNOWN_PROOF =
  'the request was parked by an older version, which did not record whose credentials it had';

/**
 * Returns whose credentials a request has. Omits senders that need no credentials, and those whose credentials cannot
 * be checked now.
 */
export async function proveSenders(
  request: RequestWithCredentials,
  { senders, isOperator }: AuthoriseDeps,
  deadline: number,
): Promise<SenderProof> {
  const proven: string[] = [];
  for (const sender of senders) {
    if (sender.credentials.length === 0) continue;
    if ((await checkSender(sender, request, deadline)).status === 'proven') proven.push(sender.name);
  }
  return { senders: proven, ...(senders.length > 0 && isOperator(request) ? { operator: true } : {}) };
}

/**
 * Returns the first sender that a request is allowed to send for: the request has valid credentials of the sender, or
 * the sender needs none. So only requests of known senders are decoded. Without such a sender, returns why the request
 * is rejected.
 * Throws `Unavailable` if the required keys are unavailable.
 */
export async function findAuthenticatedSender(
  senders: readonly Sender[],
  request: RequestWithCredentials,
  deadline: number,
): Promise<Sender | Rejected> {
  for (const sender of senders)
    if ((await checkSender(sender, request, deadline)).status === 'proven') return sender;
  const checks = await checkAll(senders, request, deadline);
  const forbidden = checks.findIndex(({ status }) => status === 'forbidden');
  if (forbidden !== -1)
    return {
      status: 403,
      reason: `the subject of these credentials is not listed for sender ${senders[forbidden]?.name}`,
    };
  const isAbsent = checks.every(({ status }) => status === 'absent');
  return {
    status: 401,
    reason: isAbsent ? 'the request has no credentials' : 'no sender accepts the credentials of the request',
  };
}

/**
 * The best result of all credentials of a sender. `unavailable` is the error of a credential that could not be checked,
 * if there is one.
 */
interface SenderCheck {
  readonly status: CredentialStatus;
  readonly unavailable?: Unavailable;
}

/** All results, the best one first. */
const BEST_FIRST: readonly CredentialStatus[] = ['proven', 'forbidden', 'wrong', 'absent'];

/** Checks a request against a sender: `proven` if one credential is valid, or if none is required. */
async function checkSender(
  sender: Sender,
  request: RequestWithCredentials,
  deadline: number,
): Promise<SenderCheck> {
  if (sender.credentials.length === 0) return { status: 'proven' };
  let best: CredentialStatus = 'absent';
  let unavailable: Unavailable | undefined;
  for (const credential of sender.credentials) {
    try {
      const checked = await checkCredentialOnce(credential, request, deadline);
      if (checked === 'proven') return { status: checked };
      if (BEST_FIRST.indexOf(checked) < BEST_FIRST.indexOf(best)) best = checked;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      unavailable = error;
    }
  }
  return { status: best, ...(unavailable === undefined ? {} : { unavailable }) };
}
