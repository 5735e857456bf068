import type { Partition } from '../storage/change-log.ts';
import { tokenOf } from './channel-position.ts';
import type { StoredChannel, StoredTunnel } from './tunnel-records.ts';

const channelId = (kind: StoredChannel['kind'], partition: string): string => `${kind}_${partition}`;

/**
 * Returns the channels that a tunnel does not have yet. For base data, a new tunnel gets one channel per open
 * partition. For changes, it gets one channel per open partition, also for each child after a split. A closed partition
 * (one that was split) gets a channel only in two cases: it has changes to deliver, or its parent has a channel. In the
 * second case, the channel may have no changes. It keeps the order: it waits for the channel of its parent, and the
 * channels of its children wait for it. `latest` returns the timestamp (µs) of the newest change of a partition. In `partitions`,
 * parents come before children.
 */
export function newChannels(
  tunnel: Pick<StoredTunnel, 'type' | 'since'>,
  partitions: readonly Partition[],
  known: readonly StoredChannel[],
  latest: (partition: string) => bigint,
): readonly StoredChannel[] {
  const ids = new Set(known.map(({ id }) => id));
  const created: StoredChannel[] = [];
  const add = (kind: StoredChannel['kind'], partition: string, parent?: string): void => {
    const id = channelId(kind, partition);
    if (ids.has(id)) return;
    ids.add(id);
    const position = kind === 'Stream' ? { kind, after: tunnel.since } : { kind };
    created.push({
      ...{ id, kind, partition, parent, index: known.length + created.length },
      ...{ status: 'WAIT', version: 0n, suspended: false, sequenceNumber: 0n, count: 0n },
      checkpoint: tokenOf(id, { ...position, count: 0n }),
    });
  };
  if (tunnel.type !== 'Stream' && known.length === 0)
    for (const { id, closed } of partitions) if (!closed) add('BaseData', id);
  if (tunnel.type !== 'BaseData')
    for (const { id, closed, parent } of partitions) {
      const parentChannel = parent === undefined ? undefined : channelId('Stream', parent);
      const hasParentChannel = parentChannel !== undefined && ids.has(parentChannel);
      if (!closed || hasParentChannel || latest(id) > tunnel.since)
        add('Stream', id, hasParentChannel ? parentChannel : undefined);
    }
  return created;
}
