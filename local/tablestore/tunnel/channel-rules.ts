import type { StoredChannel, TunnelType } from './tunnel-records.ts';

/** Whether a client has the channel, and may read and checkpoint it. */
export const hasOwner = ({ status }: StoredChannel): boolean => status === 'OPEN' || status === 'CLOSING';

/**
 * Whether a channel may be given to a client: base data at once; a stream's when all base data is TERMINATED and, after
 * a split, the channel that it continues is, so that every key's changes come in order.
 */
export function isOpenable(channel: StoredChannel, all: readonly StoredChannel[]): boolean {
  if (channel.status === 'TERMINATED' || channel.suspended) return false;
  if (channel.kind === 'BaseData') return true;
  return all
    .filter(({ kind, id }) => kind === 'BaseData' || id === channel.parent)
    .every(({ status }) => status === 'TERMINATED');
}

/** Where a tunnel stands, in the service's words; base data that is done reports ProcessStream, whatever the type. */
export function stageOf(type: TunnelType, channels: readonly StoredChannel[]): string {
  if (channels.length === 0) return type === 'Stream' ? 'ProcessStream' : 'InitBaseDataAndStreamShard';
  const base = channels.filter(({ kind }) => kind === 'BaseData');
  return base.every(({ status }) => status === 'TERMINATED') ? 'ProcessStream' : 'ProcessBaseData';
}
