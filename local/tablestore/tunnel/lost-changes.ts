import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import type { ChannelPosition } from './channel-position.ts';
import type { StoredTunnel } from './tunnel-records.ts';

/** Whether the log still knows a partition: one that was split is forgotten when its retention is over. */
export const partitionExists = (changes: ChangeLog, table: string, partition: string): boolean =>
  changes.partitions(table).some(({ id }) => id === partition);

/**
 * Whether a channel that stands at `place` was to give what the log has dropped by now. A tunnel that began with the
 * base data is expired by that, since it could not be completed; a Stream tunnel goes on with the oldest there is.
 */
export function hasLostChanges(
  changes: ChangeLog,
  { type, table }: Pick<StoredTunnel, 'type' | 'table'>,
  partition: string,
  place: ChannelPosition | typeof FINISHED_TOKEN,
): boolean {
  if (type === 'Stream' || place === FINISHED_TOKEN) return false;
  if (!partitionExists(changes, table, partition)) return true;
  return place.kind === 'Stream' && changes.trimmed(table, partition) > place.after;
}
