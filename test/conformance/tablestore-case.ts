/** A value in JSON: integers as decimal strings, binaries in base64. */
export type Value =
  | string
  | boolean
  | { readonly int: string }
  | { readonly double: number }
  | { readonly bin: string };

/** The ends of a range, and an auto-increment column without a value. */
export type Mark = { readonly mark: 'min' | 'max' | 'auto' };

export type Key = readonly (readonly [string, Value | Mark])[];

/** A column with its value and, optionally, its version in ms. */
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

/** What to read of a row. `times` is a range in ms, or one version. `versions` includes versions in the result. */
export interface ReadOptions {
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

export interface BatchedReads extends ReadOptions {
  readonly table: string;
  readonly keys: readonly Key[];
}

type OnTable<Op extends string> = { readonly op: Op; readonly table: string };

/** A call of the data plane that every client supports. */
export type Call =
  | (OnTable<'createTable'> & Settings & { readonly keys: readonly (readonly string[])[] })
  | (OnTable<'updateTable'> & Settings)
  | OnTable<'describeTable'>
  | OnTable<'deleteTable'>
  | { readonly op: 'listTable' }
  | (OnTable<'putRow'> & Put)
  | (OnTable<'updateRow'> & Update)
  | (OnTable<'deleteRow'> & Write)
  | (OnTable<'getRow'> & ReadOptions & { readonly key: Key })
  | (OnTable<'getRange'> &
      ReadOptions & {
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

export interface ServiceError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** The outcome of a call: a result as JSON, or the error of the service. */
export type Outcome = { readonly result: unknown } | { readonly error: ServiceError };

/** A call and its expected outcome. By default, any outcome except an error. */
export interface Step {
  readonly call: Call;
  readonly expectedResult?: unknown;
  readonly expectedError?: ServiceError;
}

/** A behaviour of the service and the calls that show it. Each case has its own tables. */
export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Clients that cannot make these calls, with the reason. */
  readonly unsupportedBy?: Partial<Record<'node' | 'python', string>>;
}

/** A client of the data plane. It makes the calls of a case one after the other. */
export interface Client {
  readonly name: 'node' | 'python';
  run(
    cases: readonly { readonly name: string; readonly calls: readonly Call[] }[],
  ): Promise<readonly (readonly Outcome[])[]>;
}
