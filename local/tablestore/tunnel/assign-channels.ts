import { hasOwner, isOpenable } from './channel-rules.ts';
import type { StoredChannel } from './tunnel-records.ts';

/**
 * Returns the channels after balancing. Channels without an owner go to the clients with the fewest channels. If a
 * client has at least two channels more than another, some of its channels become CLOSING. They stay CLOSING until
 * the client reports them as CLOSE. So no client ends with more than ⌈channels / clients⌉ channels, and a channel is
 * never OPEN with two clients. `clients` is in the order in which they connected.
 */
export function assignChannels(
  channels: readonly StoredChannel[],
  clients: readonly string[],
): readonly StoredChannel[] {
  if (clients.length === 0) return channels;
  const next = new Map(channels.map((channel) => [channel.id, channel]));
  const counts = new Map(clients.map((client) => [client, 0]));
  const add = (client: string, change: number): void => {
    counts.set(client, (counts.get(client) ?? 0) + change);
  };
  for (const { status, owner } of channels) if (status === 'OPEN' && owner !== undefined) add(owner, 1);

  for (const channel of channels) {
    if (hasOwner(channel) || !isOpenable(channel, channels)) continue;
    const [owner] = leastLoadedClient(counts);
    next.set(channel.id, { ...channel, status: 'OPEN', owner, version: channel.version + 1n });
    add(owner, 1);
  }
  // Count each CLOSING channel for a client that will probably get it. Otherwise too many channels would become
  // CLOSING.
  for (const { status } of channels) if (status === 'CLOSING') add(leastLoadedClient(counts)[0], 1);
  for (;;) {
    const [, fewest] = leastLoadedClient(counts);
    const moved = [...next.values()].findLast(
      ({ status, owner }) => status === 'OPEN' && (counts.get(owner ?? '') ?? 0) >= fewest + 2,
    );
    if (moved?.owner === undefined) return [...next.values()];
    next.set(moved.id, { ...moved, status: 'CLOSING', version: moved.version + 1n });
    add(moved.owner, -1);
    add(leastLoadedClient(counts)[0], 1);
  }
}

/** Returns the first client with the fewest channels, and the number of its channels. */
function leastLoadedClient(counts: ReadonlyMap<string, number>): readonly [string, number] {
  return [...counts].reduce((best, other) => (other[1] < best[1] ? other : best));
}
