import { toJsonFormat } from '../../domain/cloud-event.ts';
import { BadEvent } from '../decode/bad-event.ts';
import { type Decoded, decodeRequest } from '../decode/decode-request.ts';
import type { SinkRequest } from '../http/sink-request.ts';
import type { Viewed } from '../routes/route.ts';
import { authorise, knownSender } from '../sources/authorise.ts';
import type { Source } from '../sources/source.ts';
import { Refusal } from './refusal.ts';

/** An event that its sender may send; `source` is the row of the routes file that says so, if there is one. */
export interface Admitted extends Viewed {
  readonly source: Source | undefined;
}

export interface AdmitDeps {
  readonly sources: readonly Source[];
  /** Whether a request carries a token of an operator, who may send everything: a replay does. */
  readonly isOperator: (request: SinkRequest) => boolean;
}

/**
 * Reads a request's events and holds each against its source's credentials. Who may not send learns nothing about what
 * was sent: the answer is 401 or 403 also where it could not be read.
 * @throws Refusal for what is no event or not allowed, Unavailable where a key cannot be had to decide
 */
export async function admit(
  request: SinkRequest,
  { sources, isOperator }: AdmitDeps,
  deadline: number,
): Promise<{ batch: boolean; events: Admitted[] }> {
  const trusted = sources.length === 0 || isOperator(request);
  let decoded: Decoded;
  try {
    decoded = decodeRequest(request);
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    const sender = trusted ? undefined : await knownSender(sources, request, deadline);
    if (sender === 401) throw new Refusal(401, 'the request has no valid credentials');
    throw new Refusal(error.status, error.message, { source: sender });
  }
  const events: Admitted[] = [];
  for (const event of decoded.events) {
    const view = toJsonFormat(event);
    const verdict = trusted
      ? ({ status: 'allowed', source: undefined } as const)
      : await authorise(sources, view, request, deadline);
    if (verdict.status !== 'allowed') throw new Refusal(verdict.status, verdict.reason, { event });
    events.push({ event, view, source: verdict.source });
  }
  return { batch: decoded.batch, events };
}
