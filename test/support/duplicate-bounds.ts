import type { SeenCall } from './source-proxy.ts';

/** The duplicates of one channel and their upper bound. */
export interface DuplicateBound {
  readonly channel: string;
  /** How often the channel restarted from its checkpoint. */
  readonly moves: number;
  readonly duplicates: number;
  /** Upper bound: the largest page for each restart. */
  readonly allowed: number;
}

/**
 * Returns each channel's duplicates and their upper bound: each owner may deliver its last batch again. `lostAnswers`
 * more are allowed, because a sink that is killed does not acknowledge all events that it has.
 */
export function duplicateBounds(
  calls: readonly SeenCall[],
  repeatCounts: ReadonlyMap<bigint, number>,
  lostAnswers = 0,
): DuplicateBound[] {
  const channels = new Map<string, { moves: number; largest: number; changes: Set<bigint> }>();
  for (const { path, channelId, status, changes } of calls) {
    if (status !== 200) continue;
    const channel = channels.get(channelId) ?? { moves: -1, largest: 0, changes: new Set() };
    channels.set(channelId, channel);
    if (path === '/tunnel/getcheckpoint') channel.moves++;
    channel.largest = Math.max(channel.largest, changes.length);
    for (const change of changes) channel.changes.add(change);
  }
  return [...channels].map(([id, { moves, largest, changes }]) => {
    const duplicates = [...changes].reduce((sum, change) => sum + (repeatCounts.get(change) ?? 0), 0);
    return { channel: id, moves, duplicates, allowed: moves * largest + lostAnswers };
  });
}
