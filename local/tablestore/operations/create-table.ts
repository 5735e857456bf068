import { parameterInvalid, unsupported } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { checkColumnName, checkTableName } from '../rows/check-names.ts';
import { firstPartitions } from '../storage/partitioning.ts';
import type { KeyColumn } from '../storage/table-record.ts';
import { operation } from './operation.ts';
import { readStreamSpec } from './read-stream-spec.ts';
import { defaultSettings, readCapacity, readTableOptions } from './read-table-options.ts';
import type {
  ReservedThroughputMessage,
  StreamSpecMessage,
  TableMetaMessage,
  TableOptionsMessage,
} from './table-messages.ts';

interface Request {
  readonly tableMeta: TableMetaMessage;
  readonly reservedThroughput: ReservedThroughputMessage;
  readonly tableOptions?: TableOptionsMessage;
  readonly partitions: readonly Buffer[];
  readonly streamSpec?: StreamSpecMessage;
  readonly indexMetas: readonly Buffer[];
}

/** Creates a table, which is usable immediately. */
export const createTable = operation<Request, object>('CreateTable', (request, storage) => {
  const { tableMeta, reservedThroughput, tableOptions = {}, streamSpec, indexMetas, partitions } = request;
  const { tableName: name, definedColumn, indexMeta = [] } = tableMeta;
  checkTableName(name);
  if (indexMetas.length > 0 || indexMeta.length > 0) throw unsupported('secondary indexes');
  if (partitions.length > 0) throw unsupported('partitions that the client chooses');
  const keys = readKeys(tableMeta);
  checkDefinedColumns(definedColumn, keys);
  const settings = readTableOptions(tableOptions, defaultSettings);
  const capacity = readCapacity(reservedThroughput);
  const now = storage.changeClock.now();
  const stream = streamSpec === undefined ? undefined : readStreamSpec(streamSpec, { table: name, now });
  storage.tables.add(name, (id) => ({
    ...settings,
    ...(stream === undefined ? {} : { stream }),
    id,
    name,
    keys,
    definedColumns: definedColumn,
    capacity,
    capacityChangedAt: Math.floor(now / 1_000_000),
    partitions: firstPartitions(storage.partitions, storage.changeClock.next()),
  }));
  return {};
});

function readKeys({ tableName, primaryKey }: TableMetaMessage): KeyColumn[] {
  if (primaryKey.length < 1 || primaryKey.length > LIMITS.keyColumns)
    throw parameterInvalid(`The number of primary key columns must be in range: [1, ${LIMITS.keyColumns}].`);
  const names = new Set<string>();
  let autoIncrementColumns = 0;
  return primaryKey.map(({ name, type, option }, index) => {
    checkColumnName(name);
    if (names.has(name)) throw parameterInvalid(`Duplicated primary key name: '${name}'.`);
    names.add(name);
    if (option === undefined) return { name, type };
    if (type !== 'INTEGER') throw parameterInvalid('AUTO_INCREMENT primary key must be integer.');
    if (index === 0)
      throw parameterInvalid(`First primary key can't be auto increment, table: ${tableName}.`);
    if (++autoIncrementColumns > 1) throw parameterInvalid('AUTO_INCREMENT primary key count must <= 1.');
    return { name, type, autoIncrement: true };
  });
}

function checkDefinedColumns(columns: TableMetaMessage['definedColumn'], keys: readonly KeyColumn[]): void {
  if (columns.length > LIMITS.definedColumns)
    throw parameterInvalid(`The number of defined columns must be in range: [0, ${LIMITS.definedColumns}].`);
  for (const { name } of columns) {
    checkColumnName(name);
    if (keys.some((key) => key.name === name))
      throw parameterInvalid(`Duplicated attribute column name with primary key column: '${name}'.`);
  }
}
