import { encodeRows, withSequence } from '../../../ots/wire/plain-buffer-writer.ts';
import type { PlainRow } from '../../../ots/wire/row.ts';
import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import type { Change, ChangeLog } from '../storage/change-log.ts';
import type { ChannelPosition } from './channel-position.ts';
import type { TunnelRecord } from './messages.ts';

/**
 * Maximum size of a page. The service documents no maximum. For clients, a page of 500 records or 900 KiB is full, so
 * they read the next one at once.
 */
export const PAGE = { records: 500, bytes: 900 * 1024 } as const;

/** The result of one read. `hasMore` is true if more records are available. */
export interface RecordPage {
  readonly records: readonly TunnelRecord[];
  readonly next: ChannelPosition | typeof FINISHED_TOKEN;
  readonly hasMore: boolean;
}

/** The partition that a channel reads. */
export interface ChannelSource {
  readonly changes: ChangeLog;
  readonly table: string;
  readonly partition: string;
}

/**
 * Returns the page of a channel after `position`. `next` is FINISHED after the last row, or after the last change of a
 * closed or dropped partition.
 */
export const readChannel = (source: ChannelSource, position: ChannelPosition): RecordPage =>
  position.kind === 'Stream' ? readChanges(source, position) : readRows(source, position);

function readChanges(
  { changes, table, partition }: ChannelSource,
  { after, count }: ChannelPosition & { kind: 'Stream' },
): RecordPage {
  const known = changes.partitions(table).find(({ id }) => id === partition);
  if (known === undefined) return { records: [], next: FINISHED_TOKEN, hasMore: false };
  const found = changes.read(table, partition, after, PAGE);
  const records = found.changes.map(streamRecord);
  const last = found.changes.at(-1)?.sequence.timestamp ?? after;
  const next = { kind: 'Stream', after: last, count: count + BigInt(records.length) } as const;
  return { records, next: known.closed && !found.hasMore ? FINISHED_TOKEN : next, hasMore: found.hasMore };
}

function streamRecord({ action, record, sequence, oldRow }: Change): TunnelRecord {
  return {
    actionType: action,
    record: withSequence(record, sequence),
    ...(oldRow === undefined ? {} : { originRecord: oldRow }),
  };
}

function readRows(
  { changes, table, partition }: ChannelSource,
  { after, count }: ChannelPosition & { kind: 'BaseData' },
): RecordPage {
  let { rows, next } = changes.scanRows(table, partition, after, PAGE.records);
  let records = rows.map(baseRecord);
  const fit = countFitting(records.map(({ record }) => record.length));
  if (fit < records.length) {
    // Scan again with the smaller limit, because `next` must be the key of the last row of the page.
    ({ rows, next } = changes.scanRows(table, partition, after, fit));
    records = rows.map(baseRecord);
  }
  if (next === undefined) return { records, next: FINISHED_TOKEN, hasMore: false };
  const position = { kind: 'BaseData', after: next, count: count + BigInt(records.length) } as const;
  return { records, next: position, hasMore: true };
}

const baseRecord = ({ primaryKey, cells }: PlainRow): TunnelRecord => ({
  actionType: 'PUT_ROW',
  record: encodeRows([{ primaryKey, cells }]),
});

/** Returns how many of the first sizes fit into a page, at least 1, so that a reader always makes progress. */
function countFitting(sizes: readonly number[]): number {
  let bytes = 0;
  const tooMany = sizes.findIndex((size, index) => {
    bytes += size;
    return bytes > PAGE.bytes && index > 0;
  });
  return tooMany === -1 ? sizes.length : tooMany;
}
