import { Unavailable } from '../../domain/errors.ts';
import type { Credential, CredentialStatus, SignedRequest } from '../auth/credentials.ts';
import { quoteForMessage } from '../decode/bad-event.ts';
import { findSender, type Sender } from './sender.ts';

/** Whether a request may send an event; a refusal's reason is one sentence without secrets. */
export type Authorisation =
  | { readonly status: 'allowed'; readonly sender?: Sender }
  | { readonly status: 401 | 403; readonly reason: string };

/**
 * Judges whether a request may send an event (in JSON format), by the source that governs it; throws `Unavailable` where
 * that cannot be found out by `deadline` (epoch ms). Calls for one batch share the request object, and so the checks.
 */
export async function authorise(
  senders: readonly Sender[],
  event: Readonly<Record<string, unknown>>,
  request: SignedRequest,
  deadline: number,
): Promise<Authorisation> {
  if (senders.length === 0) return { status: 'allowed' };
  const sender = findSender(senders, event);
  if (sender === undefined)
    return { status: 403, reason: `no source is configured for events of ${quoteForMessage(event.source)}` };
  const { status, unavailable } = await checkSender(sender, request, deadline);
  if (status === 'proven') return { status: 'allowed', sender };
  if (unavailable !== undefined) throw unavailable;
  if (status === 'forbidden')
    return { status: 403, reason: `the sender is not among those listed for source ${sender.name}` };
  const other = await findOtherAuthenticatedSender(senders, sender, request, deadline);
  if (other !== undefined) {
    const reason = `the sender is source ${other.name}, and this event is of source ${sender.name}`;
    return { status: 403, reason };
  }
  const kinds = [...new Set(sender.credentials.map(({ kind }) => kind))].join(' or ');
  const what = status === 'absent' ? 'needs credentials' : 'does not take these credentials';
  return { status: 401, reason: `source ${sender.name} ${what} (${kinds})` };
}

/** Another source whose credentials hold; one that cannot be found out counts as none, the event is refused anyhow. */
async function findOtherAuthenticatedSender(
  senders: readonly Sender[],
  expectedSender: Sender,
  request: SignedRequest,
  deadline: number,
): Promise<Sender | undefined> {
  for (const sender of senders) {
    if (sender === expectedSender || sender.credentials.length === 0) continue;
    if ((await checkSender(sender, request, deadline)).status === 'proven') return sender;
  }
  return undefined;
}

/**
 * Who sends a request that cannot be read as events: the first source whose credentials hold, or that asks for none; 401
 * where none does, undefined where no sources are configured. Throws `Unavailable` where it cannot be found out.
 */
export async function findAuthenticatedSender(
  senders: readonly Sender[],
  request: SignedRequest,
  deadline: number,
): Promise<Sender | undefined | 401> {
  if (senders.length === 0) return undefined;
  let undecided: Error | undefined;
  for (const sender of senders) {
    const { status, unavailable } = await checkSender(sender, request, deadline);
    if (status === 'proven') return sender;
    undecided ??= unavailable;
  }
  if (undecided !== undefined) throw undecided;
  return 401;
}

/** What was found out about each credential of a request object; gone together with it. */
const checkedCredentials = new WeakMap<SignedRequest, Map<Credential, Promise<CredentialStatus>>>();

/** What a request shows for a credential; found out once per request object, however many events it carries. */
function checkCredentialOnce(
  credential: Credential,
  request: SignedRequest,
  deadline: number,
): Promise<CredentialStatus> {
  const proofs = checkedCredentials.get(request) ?? new Map<Credential, Promise<CredentialStatus>>();
  checkedCredentials.set(request, proofs);
  const proof = proofs.get(credential) ?? credential.check(request, deadline);
  proofs.set(credential, proof);
  return proof;
}

/** The best that a request shows for a source. `unavailable` is the one that could not be found out, if any. */
interface SenderCheck {
  readonly status: CredentialStatus;
  readonly unavailable?: Unavailable;
}

/** Best first. */
const BEST_FIRST: readonly CredentialStatus[] = ['proven', 'forbidden', 'wrong', 'absent'];

/** How a request stands with a source: `proven` when one credential holds, or none is asked for. */
async function checkSender(sender: Sender, request: SignedRequest, deadline: number): Promise<SenderCheck> {
  if (sender.credentials.length === 0) return { status: 'proven' };
  let best: CredentialStatus = 'absent';
  let unavailable: Unavailable | undefined;
  for (const credential of sender.credentials) {
    try {
      const proof = await checkCredentialOnce(credential, request, deadline);
      if (proof === 'proven') return { status: proof };
      if (BEST_FIRST.indexOf(proof) < BEST_FIRST.indexOf(best)) best = proof;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      unavailable = error;
    }
  }
  return { status: best, ...(unavailable === undefined ? {} : { unavailable }) };
}
