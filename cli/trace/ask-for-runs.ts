import type { FoundRun } from '../../gateway/operator/find-runs.ts';
import { assertAnswered, type GatewayClient } from '../gateway-client.ts';

/** The runs of an event, newest first, as a gateway knows them; throws `CommandError` where it does not tell. */
export async function askForRuns(
  gateway: GatewayClient,
  source: string,
  id: string,
): Promise<readonly FoundRun[]> {
  const path = `/events/${encodeURIComponent(source)}/${encodeURIComponent(id)}`;
  const answer = await gateway.ask({ method: 'GET', path });
  assertAnswered(answer, gateway);
  return (JSON.parse(answer.body) as { runs: FoundRun[] }).runs;
}
