import type { ExplainedRoute, Explanation } from '../../gateway/operator/explain.ts';
import { askToExplain } from '../explain/ask-to-explain.ts';
import { type GatewayClient, sentenceOf } from '../gateway-client.ts';
import { type ParkedRun, readParked } from '../parked/parked-runs.ts';
import { settle } from '../parked/settle.ts';
import type { TemporalClient } from '../temporal-client.ts';
import { postPatiently } from './post-patiently.ts';
import { reachedRuns } from './reached-runs.ts';
import { replayRequest } from './replay-request.ts';
import type { Replayed } from './replayed.ts';
import { whyNotSent } from './why-not-sent.ts';

export interface ReplayDeps {
  readonly gateway: GatewayClient;
  readonly temporal: TemporalClient;
}

/**
 * Sends one parked request again and settles its run when the gateway took it. An answer of 202 alone says too little:
 * a source may have it also for what is parked once more. So the gateway is asked first, with `POST /explain`, what it
 * makes of the request, and afterwards the runs have to be there that it named. Throws `GatewayUnreachable`.
 */
export async function replayOne(run: ParkedRun, { gateway, temporal }: ReplayDeps): Promise<Replayed> {
  const parked = await readParked(temporal, run);
  const request = replayRequest(parked);
  const about = { id: run.id, event: parked.event };
  const wrong = (status: number | null, reason: string): Replayed => ({
    ...{ ...about, outcome: 'wrong', status, reason, runs: [] },
  });

  const explained = await askToExplain(gateway, request);
  if ('refused' in explained) return wrong(null, explained.refused);
  const hindrance = whyNotSent(explained.events);
  if (hindrance !== undefined) return wrong(null, hindrance);

  const answer = await postPatiently(gateway, request);
  if (answer.status === 429 || answer.status >= 500)
    return { ...wrong(answer.status, sentenceOf(answer)), outcome: 'unreachable' };
  if (answer.status !== 202) return wrong(answer.status, sentenceOf(answer));

  const starts = explained.events.flatMap(startsOf);
  // The place to look at its runs comes only with what was started or signalled.
  if (!explained.batch && starts.length > 0 && answer.headers.location === undefined)
    return wrong(202, 'the gateway acknowledged it without starting anything: it is parked again');
  const { runs, missing } = await reachedRuns(temporal, starts);
  if (missing !== undefined) {
    const { namespace, address } = temporal.target;
    const sentence = `no run ${missing} is in namespace ${namespace} of Temporal ${address}`;
    return wrong(202, `the gateway acknowledged it, and ${sentence}`);
  }
  await settle(temporal, run, { outcome: 'replayed', note: `sent again to ${gateway.target.url}` });
  const expired = explained.events.flatMap(({ routes }) => routes).find(isExpired);
  const reason = starts.length === 0 ? (expired?.reason ?? null) : null;
  return { ...about, outcome: 'sent', status: 202, reason, runs };
}

const startsOf = ({ routes }: Explanation): ExplainedRoute[] =>
  routes.filter(({ verdict }) => verdict === 'start');

const isExpired = ({ verdict }: ExplainedRoute): boolean => verdict === 'expired';
