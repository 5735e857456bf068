import { setTimeout as delay } from 'node:timers/promises';
import { retryAfterMs } from '../../domain/retry-after.ts';
import type { GatewayAnswer, GatewayClient, GatewayRequest } from '../gateway-client.ts';

/** All waits together, in milliseconds. */
const PATIENCE_MS = 30_000;
const USUAL_WAIT_MS = 2_000;
const SHORTEST_WAIT_MS = 100;

/** Posts a request, again where the gateway asks for it (429, 503) and as late as it says, for up to 30 s; the last answer. */
export async function postPatiently(gateway: GatewayClient, request: GatewayRequest): Promise<GatewayAnswer> {
  for (let waited = 0; ; ) {
    const answer = await gateway.ask(request);
    const wait = waitOf(answer);
    if (wait === undefined || waited + wait > PATIENCE_MS) return answer;
    await delay(wait);
    waited += wait;
  }
}

function waitOf({ status, headers }: GatewayAnswer): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const asked = retryAfterMs(headers['retry-after'], Date.now(), Number.POSITIVE_INFINITY);
  return asked === undefined ? USUAL_WAIT_MS : Math.max(asked, SHORTEST_WAIT_MS);
}
