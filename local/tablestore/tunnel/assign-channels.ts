import { hasOwner, isOpenable } from './channel-rules.ts';
import type { StoredChannel } from './tunnel-records.ts';

/**
 * The channels as they are to be: those that nobody has go to the clients with the fewest, and where a client has two
 * or more above another, channels of it are CLOSING until it reports them CLOSE. So nobody ends with more than
 * ⌈channels / clients⌉, and a channel is never OPEN with two. `clients` in the order in which they came.
 */
export function assignChannels(
  channels: readonly StoredChannel[],
  clients: readonly string[],
): readonly StoredChannel[] {
  if (clients.length === 0) return channels;
  const next = new Map(channels.map((channel) => [channel.id, channel]));
  const counts = new Map(clients.map((client) => [client, 0]));
  const add = (client: string, more: number): void => {
    counts.set(client, (counts.get(client) ?? 0) + more);
  };
  for (const { status, owner } of channels) if (status === 'OPEN' && owner !== undefined) add(owner, 1);

  for (const channel of channels) {
    if (hasOwner(channel) || !isOpenable(channel, channels)) continue;
    const [owner] = leastLoadedClient(counts);
    next.set(channel.id, { ...channel, status: 'OPEN', owner, version: channel.version + 1n });
    add(owner, 1);
  }
  // What is on its way already counts for those who will get it.
  for (const { status } of channels) if (status === 'CLOSING') add(leastLoadedClient(counts)[0], 1);
  for (;;) {
    const [, fewest] = leastLoadedClient(counts);
    const given = [...next.values()].findLast(
      ({ status, owner }) => status === 'OPEN' && (counts.get(owner ?? '') ?? 0) >= fewest + 2,
    );
    if (given?.owner === undefined) return [...next.values()];
    next.set(given.id, { ...given, status: 'CLOSING', version: given.version + 1n });
    add(given.owner, -1);
    add(leastLoadedClient(counts)[0], 1);
  }
}

/** The client with the fewest channels, the first of such, and how many it has. */
function leastLoadedClient(counts: ReadonlyMap<string, number>): readonly [string, number] {
  return [...counts].reduce((best, other) => (other[1] < best[1] ? other : best));
}
