export type KeyType = 'INTEGER' | 'STRING' | 'BINARY';

export interface KeyColumn {
  readonly name: string;
  readonly type: KeyType;
  /** True if the service generates the values. */
  readonly autoIncrement?: boolean;
}

/** Retention and start of a stream. Timestamps are in µs. */
export interface StoredStream {
  readonly id: string;
  readonly expirationHours: number;
  readonly enabledAt: number;
  /** Columns whose old values are part of a change. */
  readonly columnsToGet: readonly string[];
}

/** A range of hashes of first key columns, from `from` (inclusive) to `to` (exclusive). Timestamps are in µs. */
export interface PartitionRecord {
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly parent?: number;
  readonly since: number;
  /** When the partition was split. */
  readonly closedAt?: number;
}

/** The settings of a table that can be changed. */
export interface TableSettings {
  /** In seconds. −1 means forever. */
  readonly timeToLive: number;
  readonly maxVersions: number;
  /** The maximum distance of a cell's version from the current time, in seconds. */
  readonly deviationSeconds: number;
  readonly allowUpdate: boolean;
}

export interface Capacity {
  readonly read: number;
  readonly write: number;
}

/** A stored table. `id` is never reused, so that data of a deleted table cannot reappear. */
export interface TableRecord extends TableSettings {
  readonly id: number;
  readonly name: string;
  readonly keys: readonly KeyColumn[];
  readonly definedColumns: readonly { readonly name: string; readonly type: number }[];
  readonly capacity: Capacity;
  /** Seconds since the epoch. */
  readonly capacityChangedAt: number;
  readonly stream?: StoredStream | undefined;
  readonly partitions: readonly PartitionRecord[];
}
