import type { Capacity, KeyType, TableRecord } from '../storage/table-record.ts';

export interface TableOptionsMessage {
  readonly timeToLive?: number;
  readonly maxVersions?: number;
  readonly deviationCellVersionInSec?: bigint;
  readonly allowUpdate?: boolean;
  readonly updateFullRow?: boolean;
}

export interface StreamSpecMessage {
  readonly enableStream: boolean;
  readonly expirationTime?: number;
  readonly columnsToGet: readonly string[];
}

export interface StreamDetailsMessage {
  readonly enableStream: boolean;
  readonly streamId?: string;
  readonly expirationTime?: number;
  readonly lastEnableTime?: bigint;
  readonly columnsToGet?: readonly string[];
}

export interface TableMetaMessage {
  readonly tableName: string;
  readonly primaryKey: readonly {
    readonly name: string;
    readonly type: KeyType;
    readonly option?: 'AUTO_INCREMENT';
  }[];
  readonly definedColumn: readonly { readonly name: string; readonly type: number }[];
  readonly indexMeta?: readonly Buffer[];
}

export interface ReservedThroughputMessage {
  readonly capacityUnit: Partial<Capacity>;
}

/** Describes a table's settings, in the answers of DescribeTable and UpdateTable. */
export const describeSettings = (table: TableRecord) => ({
  reservedThroughputDetails: {
    capacityUnit: table.capacity,
    lastIncreaseTime: BigInt(table.capacityChangedAt),
  },
  tableOptions: {
    timeToLive: table.timeToLive,
    maxVersions: table.maxVersions,
    deviationCellVersionInSec: BigInt(table.deviationSeconds),
    allowUpdate: table.allowUpdate,
  },
  streamDetails: describeStream(table),
});

export const describeMeta = ({ name, keys, definedColumns }: TableRecord): TableMetaMessage => ({
  tableName: name,
  primaryKey: keys.map(({ name: keyName, type, autoIncrement }) => ({
    name: keyName,
    type,
    ...(autoIncrement ? { option: 'AUTO_INCREMENT' as const } : {}),
  })),
  definedColumn: definedColumns,
});

function describeStream({ stream }: TableRecord): StreamDetailsMessage {
  if (stream === undefined) return { enableStream: false };
  return {
    enableStream: true,
    streamId: stream.id,
    expirationTime: stream.expirationHours,
    lastEnableTime: BigInt(stream.enabledAt),
    columnsToGet: stream.columnsToGet,
  };
}
