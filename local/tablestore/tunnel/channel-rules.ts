import type { StoredChannel, TunnelType } from './tunnel-records.ts';

/** True if a client owns the channel, and may read and checkpoint it. */
export const hasOwner = ({ status }: StoredChannel): boolean => status === 'OPEN' || status === 'CLOSING';

/**
 * True if a channel may be assigned to a client. A TERMINATED or suspended channel cannot be assigned. A base data
 * channel can be assigned at any time. A stream channel must wait until all base data channels are TERMINATED, and
 * after a split, until its parent channel is TERMINATED. So the changes of a key are delivered in order.
 */
export function isOpenable(channel: StoredChannel, all: readonly StoredChannel[]): boolean {
  if (channel.status === 'TERMINATED' || channel.suspended) return false;
  if (channel.kind === 'BaseData') return true;
  return all
    .filter(({ kind, id }) => kind === 'BaseData' || id === channel.parent)
    .every(({ status }) => status === 'TERMINATED');
}

/** Returns the stage of a tunnel. After its base data, a tunnel of any type reports ProcessStream. */
export function stageOf(type: TunnelType, channels: readonly StoredChannel[]): string {
  if (channels.length === 0) return type === 'Stream' ? 'ProcessStream' : 'InitBaseDataAndStreamShard';
  const base = channels.filter(({ kind }) => kind === 'BaseData');
  return base.every(({ status }) => status === 'TERMINATED') ? 'ProcessStream' : 'ProcessBaseData';
}
