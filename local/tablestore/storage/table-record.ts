export type KeyType = 'INTEGER' | 'STRING' | 'BINARY';

export interface KeyColumn {
  readonly name: string;
  readonly type: KeyType;
  /** The service numbers it. */
  readonly autoIncrement?: boolean;
}

/** How long changes are kept, and since when; timestamps are µs. */
export interface StreamRecord {
  readonly id: string;
  readonly expirationHours: number;
  readonly enabledAt: number;
  /** Columns whose old values go with a change. */
  readonly columnsToGet: readonly string[];
}

/** A share of the hashes of first key columns, from `from` up to and without `to`; timestamps are µs. */
export interface PartitionRecord {
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly parent?: number;
  readonly since: number;
  /** When it was split. */
  readonly closedAt?: number;
}

/** What can be changed of a table's behaviour. */
export interface TableSettings {
  /** Seconds, −1 for ever. */
  readonly timeToLive: number;
  readonly maxVersions: number;
  /** How far a cell's version may be from now, in seconds. */
  readonly deviationSeconds: number;
  readonly allowUpdate: boolean;
}

export interface Capacity {
  readonly read: number;
  readonly write: number;
}

/** A table as it is kept. `id` is never used again, so that nothing of a deleted table can come back. */
export interface TableRecord extends TableSettings {
  readonly id: number;
  readonly name: string;
  readonly keys: readonly KeyColumn[];
  readonly definedColumns: readonly { readonly name: string; readonly type: number }[];
  readonly capacity: Capacity;
  /** Seconds since the epoch. */
  readonly capacityChangedAt: number;
  readonly stream?: StreamRecord | undefined;
  readonly partitions: readonly PartitionRecord[];
}
