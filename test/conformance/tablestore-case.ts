/** A value as JSON has it: integers as decimal strings, binaries in base64. */
export type Value =
  | string
  | boolean
  | { readonly int: string }
  | { readonly double: number }
  | { readonly bin: string };

/** The ends of a range, and the column that the service numbers. */
export type Mark = { readonly mark: 'min' | 'max' | 'auto' };

export type Key = readonly (readonly [string, Value | Mark])[];

/** A column with its value and, where it is not left to the service, its version in ms. */
export type Column = readonly [string, Value] | readonly [string, Value, number];

export type Filter =
  | {
      readonly column: string;
      readonly is: '=' | '!=' | '>' | '>=' | '<' | '<=';
      readonly value: Value;
      readonly passIfMissing?: boolean;
      readonly latestOnly?: boolean;
    }
  | { readonly and: readonly Filter[] }
  | { readonly or: readonly Filter[] }
  | { readonly not: readonly Filter[] };

export interface Condition {
  readonly row?: 'ignore' | 'exist' | 'absent';
  readonly filter?: Filter;
}

/** What of a row is wanted; `times` is from and to in ms, or one version. `versions` has versions answered too. */
export interface Wanted {
  readonly only?: readonly string[];
  readonly maxVersions?: number;
  readonly times?: readonly [number, number] | number;
  readonly filter?: Filter;
  readonly versions?: boolean;
}

export interface Settings {
  readonly timeToLive?: number;
  readonly maxVersions?: number;
  readonly deviation?: number;
}

interface Write {
  readonly key: Key;
  readonly condition?: Condition;
  readonly returnKey?: boolean;
}

export type Put = Write & { readonly columns: readonly Column[] };

export type Update = Write & {
  readonly put?: readonly Column[];
  readonly deleteVersions?: readonly (readonly [string, number])[];
  readonly deleteColumns?: readonly string[];
  readonly increment?: readonly Column[];
};

export type BatchedWrite =
  | ({ readonly op: 'put' } & Put)
  | ({ readonly op: 'update' } & Update)
  | ({ readonly op: 'delete' } & Write);

export interface BatchedReads extends Wanted {
  readonly table: string;
  readonly keys: readonly Key[];
}

type OnTable<Op extends string> = { readonly op: Op; readonly table: string };

/** A call of the data plane, as every client can make it. */
export type Call =
  | (OnTable<'createTable'> & Settings & { readonly keys: readonly (readonly string[])[] })
  | (OnTable<'updateTable'> & Settings)
  | OnTable<'describeTable'>
  | OnTable<'deleteTable'>
  | { readonly op: 'listTable' }
  | (OnTable<'putRow'> & Put)
  | (OnTable<'updateRow'> & Update)
  | (OnTable<'deleteRow'> & Write)
  | (OnTable<'getRow'> & Wanted & { readonly key: Key })
  | (OnTable<'getRange'> &
      Wanted & {
        readonly direction?: 'FORWARD' | 'BACKWARD';
        readonly start: Key;
        readonly end: Key;
        readonly limit?: number;
      })
  | { readonly op: 'batchGetRow'; readonly tables: readonly BatchedReads[] }
  | {
      readonly op: 'batchWriteRow';
      readonly tables: readonly { readonly table: string; readonly rows: readonly BatchedWrite[] }[];
    };

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What a call gives: a result as JSON, or the service's refusal. */
export type Outcome = { readonly result: unknown } | { readonly error: Refusal };

/** A call and what it must give; without either, anything but a refusal. */
export interface Step {
  readonly call: Call;
  readonly gives?: unknown;
  readonly refused?: Refusal;
}

/** A sentence about the service and the calls that show it. Its tables are its own. */
export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Why a client cannot make these calls. */
  readonly notBy?: Partial<Record<'node' | 'python', string>>;
}

/** A client of the data plane that runs a case's calls one after the other. */
export interface Client {
  readonly name: 'node' | 'python';
  run(
    cases: readonly { readonly name: string; readonly calls: readonly Call[] }[],
  ): Promise<readonly (readonly Outcome[])[]>;
}
