import { parameterInvalid } from '../errors.ts';
import { checkTableName } from '../rows/check-names.ts';
import type { Storage } from '../storage/storage.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { operation } from './operation.ts';
import { DEFAULT_STREAM_HOURS, readStreamSpec } from './read-stream-spec.ts';
import { readCapacity, readTableOptions } from './read-table-options.ts';
import {
  describeSettings,
  type ReservedThroughputMessage,
  type StreamSpecMessage,
  type TableOptionsMessage,
} from './table-messages.ts';

interface Request {
  readonly tableName: string;
  readonly reservedThroughput?: ReservedThroughputMessage;
  readonly tableOptions?: TableOptionsMessage;
  readonly streamSpec?: StreamSpecMessage;
}

/** Changes a table's options, capacity or stream. Omitted settings keep their values. */
export const updateTable = operation<Request, ReturnType<typeof describeSettings>>(
  'UpdateTable',
  ({ tableName, reservedThroughput, tableOptions, streamSpec }, storage) => {
    checkTableName(tableName);
    const table = storage.tables.require(tableName);
    if (tableOptions !== undefined && Object.values(tableOptions).every((value) => value === undefined))
      throw parameterInvalid('No parameter is specified in table options.');
    const settings = readTableOptions(tableOptions ?? {}, table);
    const capacity =
      reservedThroughput === undefined
        ? {}
        : {
            capacity: readCapacity({
              capacityUnit: { ...table.capacity, ...reservedThroughput.capacityUnit },
            }),
            capacityChangedAt: Math.floor(storage.changeClock.now() / 1_000_000),
          };
    const changed = { ...table, ...settings, ...capacity };
    if (streamSpec === undefined) storage.tables.replace(changed);
    else replaceStream(changed, streamSpec, storage);
    return describeSettings(storage.tables.require(tableName));
  },
);

/** Enables a table's stream if it is not enabled. Returns the stream's id. */
export function enableStream(name: string, storage: Storage): string {
  const table = storage.tables.require(name);
  if (table.stream === undefined)
    replaceStream(
      table,
      { enableStream: true, expirationTime: DEFAULT_STREAM_HOURS, columnsToGet: [] },
      storage,
    );
  return storage.tables.require(name).stream?.id ?? '';
}

/** Sets a table's stream. If `spec` disables the stream, drops its changes. */
function replaceStream(
  table: TableRecord,
  spec: StreamSpecMessage,
  { tables, changes, changeClock }: Storage,
): void {
  const stream = readStreamSpec(spec, { table: table.name, old: table.stream, now: changeClock.now() });
  tables.replace({ ...table, stream }, () => {
    if (stream === undefined) changes.drop(table);
  });
}
