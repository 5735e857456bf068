import type { SeenCall } from './source-proxy.ts';

/** What came again in a channel, and how much may have. */
export interface DuplicateBound {
  readonly channel: string;
  /** How often the channel was begun anew at its checkpoint. */
  readonly moves: number;
  readonly duplicates: number;
  /** A page for each move, the largest that was read. */
  readonly allowed: number;
}

/**
 * Channels in which more came again than the last batch of each owner; `lostAnswers` of all may be more, since a sink
 * that was killed did not say what it had.
 */
export function duplicateBounds(
  calls: readonly SeenCall[],
  again: ReadonlyMap<bigint, number>,
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
    const duplicates = [...changes].reduce((sum, change) => sum + (again.get(change) ?? 0), 0);
    return { channel: id, moves, duplicates, allowed: moves * largest + lostAnswers };
  });
}
