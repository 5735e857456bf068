import { encodeRows, withSequence } from '../../../ots/wire/plain-buffer-writer.ts';
import type { PlainRow } from '../../../ots/wire/row.ts';
import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import type { Change, ChangeLog } from '../storage/change-log.ts';
import type { ChannelPosition } from './channel-position.ts';
import type { TunnelRecord } from './messages.ts';

/** Most of one page; the service gives no number, clients take 500 records or 900 KiB for a sign that more wait. */
export const PAGE = { records: 500, bytes: 900 * 1024 } as const;

/** What one read of a channel gives. `more` can be had at once. */
export interface RecordPage {
  readonly records: readonly TunnelRecord[];
  readonly next: ChannelPosition | typeof FINISHED_TOKEN;
  readonly more: boolean;
}

/** Where the channel's records are. */
export interface ChannelSource {
  readonly changes: ChangeLog;
  readonly table: string;
  readonly partition: string;
}

/** The page of a channel after `place`; it is FINISHED with the last row, or the last change of a partition that was split or is forgotten. */
export const readChannel = (source: ChannelSource, place: ChannelPosition): RecordPage =>
  place.kind === 'Stream' ? readChanges(source, place) : readRows(source, place);

function readChanges(
  { changes, table, partition }: ChannelSource,
  { after, count }: ChannelPosition & { kind: 'Stream' },
): RecordPage {
  const known = changes.partitions(table).find(({ id }) => id === partition);
  if (known === undefined) return { records: [], next: FINISHED_TOKEN, more: false };
  const found = changes.read(table, partition, after, PAGE);
  const records = found.changes.map(streamRecord);
  const last = found.changes.at(-1)?.sequence.timestamp ?? after;
  const next = { kind: 'Stream', after: last, count: count + BigInt(records.length) } as const;
  return { records, next: known.closed && !found.more ? FINISHED_TOKEN : next, more: found.more };
}

function streamRecord({ action, record, sequence, origin }: Change): TunnelRecord {
  return {
    actionType: action,
    record: withSequence(record, sequence),
    ...(origin === undefined ? {} : { originRecord: origin }),
  };
}

function readRows(
  { changes, table, partition }: ChannelSource,
  { after, count }: ChannelPosition & { kind: 'BaseData' },
): RecordPage {
  let { rows, next } = changes.scan(table, partition, after, PAGE.records);
  let records = rows.map(baseRecord);
  const fit = countFitting(records.map(({ record }) => record.length));
  if (fit < records.length) {
    // Only a scan says where the row after those that fit is found.
    ({ rows, next } = changes.scan(table, partition, after, fit));
    records = rows.map(baseRecord);
  }
  if (next === undefined) return { records, next: FINISHED_TOKEN, more: false };
  const place = { kind: 'BaseData', after: next, count: count + BigInt(records.length) } as const;
  return { records, next: place, more: true };
}

const baseRecord = ({ primaryKey, cells }: PlainRow): TunnelRecord => ({
  actionType: 'PUT_ROW',
  record: encodeRows([{ primaryKey, cells }]),
});

/** How many of the first sizes make a page: one at least, so that a reader always gets on. */
function countFitting(sizes: readonly number[]): number {
  let bytes = 0;
  const tooMany = sizes.findIndex((size, index) => {
    bytes += size;
    return bytes > PAGE.bytes && index > 0;
  });
  return tooMany === -1 ? sizes.length : tooMany;
}
