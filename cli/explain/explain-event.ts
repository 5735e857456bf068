import { join } from 'node:path';
import { parseExactJson } from '../../domain/exact-json.ts';
import { BadEvent } from '../../gateway/decode/bad-event.ts';
import type { RawRequest } from '../../gateway/decode/decode-request.ts';
import { type Explanation, explain } from '../../gateway/operator/explain.ts';
import { loadRoutes } from '../../gateway/routes/load-routes.ts';
import type { Environment } from '../../runtime/config.ts';
import { packageRoot } from '../config.ts';
import { environmentLookup } from '../environment-lookup.ts';
import { assertOk, errorTextOf, type GatewayClient } from '../gateway-client.ts';

/** The explanations of a request's events, or the reason why it has no event. */
type ExplainResult =
  | { readonly batch: boolean; readonly events: readonly Explanation[] }
  | { readonly invalidReason: string };

/** Converts an answer of `POST /explain`, which is about one event or about a batch. */
const toExplainResult = (answer: Explanation | { readonly events: readonly Explanation[] }): ExplainResult =>
  'events' in answer ? { batch: true, events: answer.events } : { batch: false, events: [answer] };

/**
 * Explains a request with the shipped routes and those of `file`, as a gateway with this file would. The file can
 * name environment variables of secrets under `sources`. They do not have to be set.
 * @throws ConfigError with all mistakes in the file
 */
export function explainLocally(request: RawRequest, file: string, environment: Environment): ExplainResult {
  const variables = environmentLookup(environment);
  const routes = loadRoutes([join(packageRoot, 'gateway', 'routes.yaml'), file], variables.lookUp);
  variables.printUnset();
  try {
    return toExplainResult(explain(request, routes, Date.now()));
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    return { invalidReason: error.message };
  }
}

/** Statuses with which a gateway rejects a request that is not a CloudEvent. */
const NOT_AN_EVENT_STATUSES = [400, 413, 415];

/** Sends a request to the gateway's `POST /explain`. Throws `CommandError` if there is no explanation. */
export async function explainByGateway(
  gateway: GatewayClient,
  {
    headers,
    body,
  }: { readonly headers: Readonly<Record<string, string | readonly string[]>>; readonly body: Buffer },
): Promise<ExplainResult> {
  const answer = await gateway.send({ path: '/explain', headers, body });
  if (NOT_AN_EVENT_STATUSES.includes(answer.status)) return { invalidReason: errorTextOf(answer) };
  assertOk(answer, gateway);
  return toExplainResult(parseExactJson(answer.body) as Explanation | { events: Explanation[] });
}
