import { FINISHED } from '../../../ots/wire/tunnel-token.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import type { ChannelPlace } from './channel-place.ts';
import type { StoredTunnel } from './tunnel-records.ts';

/** Whether the log still knows a partition: one that was split is forgotten when its retention is over. */
export const isKept = (changes: ChangeLog, table: string, partition: string): boolean =>
  changes.partitions(table).some(({ id }) => id === partition);

/**
 * Whether a channel that stands at `place` was to give what the log has dropped by now. A tunnel that began with the
 * base data is expired by that, since it could not be completed; a Stream tunnel goes on with the oldest there is.
 */
export function isLeftBehind(
  changes: ChangeLog,
  { type, table }: Pick<StoredTunnel, 'type' | 'table'>,
  partition: string,
  place: ChannelPlace | typeof FINISHED,
): boolean {
  if (type === 'Stream' || place === FINISHED) return false;
  if (!isKept(changes, table, partition)) return true;
  return place.kind === 'Stream' && changes.trimmed(table, partition) > place.after;
}
