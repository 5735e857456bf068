import type { Partition } from '../storage/change-log.ts';
import { tokenOf } from './channel-position.ts';
import type { StoredChannel, StoredTunnel } from './tunnel-records.ts';

const channelId = (kind: StoredChannel['kind'], partition: string): string => `${kind}_${partition}`;

/**
 * The channels that a tunnel is still to get: at its creation one for the rows of every partition, and one for its
 * changes; after a split, one for each child. Closed partitions count while changes of them are to be given
 * (`latest`, in µs), or are what stands between two that count. `partitions` has parents before children.
 */
export function newChannels(
  tunnel: Pick<StoredTunnel, 'type' | 'since'>,
  partitions: readonly Partition[],
  known: readonly StoredChannel[],
  latest: (partition: string) => bigint,
): readonly StoredChannel[] {
  const ids = new Set(known.map(({ id }) => id));
  const made: StoredChannel[] = [];
  const add = (kind: StoredChannel['kind'], partition: string, parent?: string): void => {
    const id = channelId(kind, partition);
    if (ids.has(id)) return;
    ids.add(id);
    const place = kind === 'Stream' ? { kind, after: tunnel.since } : { kind };
    made.push({
      ...{ id, kind, partition, parent, index: known.length + made.length },
      ...{ status: 'WAIT', version: 0n, suspended: false, sequenceNumber: 0n, count: 0n },
      checkpoint: tokenOf(id, { ...place, count: 0n }),
    });
  };
  if (tunnel.type !== 'Stream' && known.length === 0)
    for (const { id, closed } of partitions) if (!closed) add('BaseData', id);
  if (tunnel.type !== 'BaseData')
    for (const { id, closed, parent } of partitions) {
      const before = parent === undefined ? undefined : channelId('Stream', parent);
      const follows = before !== undefined && ids.has(before);
      if (!closed || follows || latest(id) > tunnel.since) add('Stream', id, follows ? before : undefined);
    }
  return made;
}
