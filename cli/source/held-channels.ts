import { exchange } from '../../runtime/exchange.ts';

const ANSWER_MS = 2_000;

/**
 * Channels that stand still at an event that nobody will have, with the reason, as the source at `url` tells; empty when
 * it does not answer: the Tunnel Service is asked for all the rest, and knows nothing of sinks.
 */
export async function heldChannels(url: string): Promise<ReadonlyMap<string, string>> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const { text } = await exchange({ url: `${url}/status`, method: 'GET', signal, textBytes: 1_048_576 });
    const { channels } = JSON.parse(text) as { channels: readonly Told[] };
    return new Map(
      channels
        .filter(({ held }) => held)
        .map(({ id, reason }) => [id, reason ?? 'the sink will not have an event']),
    );
  } catch {
    return new Map();
  }
}

interface Told {
  readonly id: string;
  readonly held: boolean;
  readonly reason?: string;
}
