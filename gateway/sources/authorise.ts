import { Unavailable } from '../../domain/errors.ts';
import type { Credential, Proof, SignedRequest } from '../auth/credentials.ts';
import { shown } from '../decode/bad-event.ts';
import { governing, type Source } from './source.ts';

/** Whether a request may send an event; a refusal's reason is one sentence without secrets. */
export type Authorisation =
  | { readonly status: 'allowed'; readonly source?: Source }
  | { readonly status: 401 | 403; readonly reason: string };

/**
 * Judges whether a request may send an event (in JSON format), by the source that governs it; throws `Unavailable` where
 * that cannot be found out by `deadline` (epoch ms). Calls for one batch share the request object, and so the checks.
 */
export async function authorise(
  sources: readonly Source[],
  event: Readonly<Record<string, unknown>>,
  request: SignedRequest,
  deadline: number,
): Promise<Authorisation> {
  if (sources.length === 0) return { status: 'allowed' };
  const source = governing(sources, event);
  if (source === undefined)
    return { status: 403, reason: `no source is configured for events of ${shown(event.source)}` };
  const { proof, unavailable } = await standingOf(source, request, deadline);
  if (proof === 'proven') return { status: 'allowed', source };
  if (unavailable !== undefined) throw unavailable;
  if (proof === 'forbidden')
    return { status: 403, reason: `the sender is not among those listed for source ${source.name}` };
  const other = await provenOther(sources, source, request, deadline);
  if (other !== undefined) {
    const reason = `the sender is source ${other.name}, and this event is of source ${source.name}`;
    return { status: 403, reason };
  }
  const kinds = [...new Set(source.credentials.map(({ kind }) => kind))].join(' or ');
  const what = proof === 'absent' ? 'needs credentials' : 'does not take these credentials';
  return { status: 401, reason: `source ${source.name} ${what} (${kinds})` };
}

/** Another source whose credentials hold; one that cannot be found out counts as none, the event is refused anyhow. */
async function provenOther(
  sources: readonly Source[],
  governor: Source,
  request: SignedRequest,
  deadline: number,
): Promise<Source | undefined> {
  for (const source of sources) {
    if (source === governor || source.credentials.length === 0) continue;
    if ((await standingOf(source, request, deadline)).proof === 'proven') return source;
  }
  return undefined;
}

/**
 * Who sends a request that cannot be read as events: the first source whose credentials hold, or that asks for none; 401
 * where none does, undefined where no sources are configured. Throws `Unavailable` where it cannot be found out.
 */
export async function knownSender(
  sources: readonly Source[],
  request: SignedRequest,
  deadline: number,
): Promise<Source | undefined | 401> {
  if (sources.length === 0) return undefined;
  let undecided: Error | undefined;
  for (const source of sources) {
    const { proof, unavailable } = await standingOf(source, request, deadline);
    if (proof === 'proven') return source;
    undecided ??= unavailable;
  }
  if (undecided !== undefined) throw undecided;
  return 401;
}

/** What was found out about each credential of a request object; gone together with it. */
const found = new WeakMap<SignedRequest, Map<Credential, Promise<Proof>>>();

/** What a request shows for a credential; found out once per request object, however many events it carries. */
function proofOf(credential: Credential, request: SignedRequest, deadline: number): Promise<Proof> {
  const proofs = found.get(request) ?? new Map<Credential, Promise<Proof>>();
  found.set(request, proofs);
  const proof = proofs.get(credential) ?? credential.check(request, deadline);
  proofs.set(credential, proof);
  return proof;
}

/** The best that a request shows for a source. `unavailable` is the one that could not be found out, if any. */
interface Standing {
  readonly proof: Proof;
  readonly unavailable?: Unavailable;
}

/** Best first. */
const RANK: readonly Proof[] = ['proven', 'forbidden', 'wrong', 'absent'];

/** How a request stands with a source: `proven` when one credential holds, or none is asked for. */
async function standingOf(source: Source, request: SignedRequest, deadline: number): Promise<Standing> {
  if (source.credentials.length === 0) return { proof: 'proven' };
  let best: Proof = 'absent';
  let unavailable: Unavailable | undefined;
  for (const credential of source.credentials) {
    try {
      const proof = await proofOf(credential, request, deadline);
      if (proof === 'proven') return { proof };
      if (RANK.indexOf(proof) < RANK.indexOf(best)) best = proof;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      unavailable = error;
    }
  }
  return { proof: best, ...(unavailable === undefined ? {} : { unavailable }) };
}
