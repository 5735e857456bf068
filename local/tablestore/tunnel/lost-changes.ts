import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import type { ChannelPosition } from './channel-position.ts';
import type { StoredTunnel } from './tunnel-records.ts';

/**
 * True if the log has the partition. A closed partition disappears when the retention of all its changes has passed.
 */
export const partitionExists = (changes: ChangeLog, table: string, partition: string): boolean =>
  changes.partitions(table).some(({ id }) => id === partition);

/**
 * True if the tunnel expires because the log has dropped changes that a channel at `position` has not delivered. This
 * concerns only tunnels with base data, because their data would be incomplete. A Stream tunnel continues with the
 * oldest change.
 */
export function lossExpiresTunnel(
  changes: ChangeLog,
  { type, table }: Pick<StoredTunnel, 'type' | 'table'>,
  partition: string,
  position: ChannelPosition | typeof FINISHED_TOKEN,
): boolean {
  if (type === 'Stream' || position === FINISHED_TOKEN) return false;
  if (!partitionExists(changes, table, partition)) return true;
  return position.kind === 'Stream' && changes.newestDropped(table, partition) > position.after;
}
