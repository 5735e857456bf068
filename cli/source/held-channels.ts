import { sendHttp } from '../../runtime/http-client.ts';

const ANSWER_MS = 2_000;

/**
 * Channels that stand still at an event that nobody will have, with the reason, as the source at `url` tells; empty when
 * it does not answer: the Tunnel Service is asked for all the rest, and knows nothing of sinks.
 */
export async function heldChannels(url: string): Promise<ReadonlyMap<string, string>> {
  try {
    const limits = { deadlineMs: ANSWER_MS, maxBytes: 1_048_576 };
    const { body } = await sendHttp({ url: `${url}/status`, method: 'GET', ...limits });
    const { channels } = JSON.parse(body.toString()) as { channels: readonly Told[] };
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
