import { Unavailable } from '../../domain/errors.ts';
import type { Credential, Proof, SignedRequest } from '../auth/credentials.ts';
import type { Source } from './source.ts';

/** What the request object showed for each credential so far; gone together with it. */
const shown = new WeakMap<SignedRequest, Map<Credential, Promise<Proof>>>();

/** What a request shows for a credential; found out once per request object, however many events it carries. */
export function proofOf(credential: Credential, request: SignedRequest, deadline: number): Promise<Proof> {
  const proofs = shown.get(request) ?? new Map<Credential, Promise<Proof>>();
  shown.set(request, proofs);
  const proof = proofs.get(credential) ?? credential.check(request, deadline);
  proofs.set(credential, proof);
  return proof;
}

/** The best that a request shows for a source. `unavailable` is the one that could not be found out, if any. */
export interface Standing {
  readonly proof: Proof;
  readonly unavailable?: Unavailable;
}

/** Best first. */
const RANK: readonly Proof[] = ['proven', 'forbidden', 'wrong', 'absent'];

/** How a request stands with a source: `proven` when one credential holds, or none is asked for. */
export async function standingOf(
  source: Source,
  request: SignedRequest,
  deadline: number,
): Promise<Standing> {
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
