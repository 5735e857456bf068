import type { RecordedCall } from './tunnel-proxy.ts';

/** The duplicates of one channel and their upper bound. */
export interface DuplicateBound {
  readonly channel: string;
  /** How often the channel restarted from its checkpoint. */
  readonly restarts: number;
  readonly duplicates: number;
  /** Upper bound: the largest page for each restart. */
  readonly allowed: number;
}

/**
 * Returns each channel's duplicates and their upper bound: after each restart, the last batch may be delivered again.
 * `lostAnswers` more duplicates are allowed, because a sink that is killed does not acknowledge all events that it
 * stored.
 */
export function duplicateBounds(
  calls: readonly RecordedCall[],
  repeatCounts: ReadonlyMap<bigint, number>,
  lostAnswers = 0,
): DuplicateBound[] {
  const channels = new Map<string, { restarts: number; largest: number; changes: Set<bigint> }>();
  for (const { path, channelId, status, changes } of calls) {
    if (status !== 200) continue;
    const channel = channels.get(channelId) ?? { restarts: -1, largest: 0, changes: new Set() };
    channels.set(channelId, channel);
    if (path === '/tunnel/getcheckpoint') channel.restarts++;
    channel.largest = Math.max(channel.largest, changes.length);
    for (const change of changes) channel.changes.add(change);
  }
  return [...channels].map(([id, { restarts, largest, changes }]) => {
    const duplicates = [...changes].reduce((sum, change) => sum + (repeatCounts.get(change) ?? 0), 0);
    return { channel: id, restarts, duplicates, allowed: restarts * largest + lostAnswers };
  });
}
