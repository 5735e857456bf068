import type { Explanation } from '../../gateway/operator/explain.ts';
import { assertAnswered, type GatewayClient, sentenceOf } from '../gateway-client.ts';
import { type Explained, toExplained } from './explained.ts';

/** What a gateway answers to a request that holds no event it knows. */
const NO_EVENT = [400, 413, 415];

/** Asks the gateway what it makes of a request; throws `CommandError` where it does not tell. */
export async function askToExplain(
  gateway: GatewayClient,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
): Promise<Explained> {
  const answer = await gateway.ask({ path: '/explain', headers, body });
  if (NO_EVENT.includes(answer.status)) return { refused: sentenceOf(answer) };
  assertAnswered(answer, gateway);
  return toExplained(JSON.parse(answer.body) as Explanation | { events: Explanation[] });
}
