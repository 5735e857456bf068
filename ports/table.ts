/** The types of columns: the name in a declaration, and the type in TypeScript. Integers have 64 bits. */
export interface ColumnTypes {
  readonly text: string;
  readonly integer: bigint;
  readonly double: number;
  readonly boolean: boolean;
  readonly binary: Buffer;
}

export type ColumnType = keyof ColumnTypes;
export type ColumnValue = ColumnTypes[ColumnType];

/** Columns by name. */
export type ColumnSchema = Readonly<Record<string, ColumnType>>;

/** The columns of a key by name, in the table's order. The first one is the partition key. */
export type KeySchema = Readonly<Record<string, 'text' | 'integer' | 'binary'>>;

export type ColumnValues<S extends ColumnSchema> = { readonly [N in keyof S]: ColumnTypes[S[N]] };

/** Values of some of the columns. A missing value is absent, never undefined. */
export type PartialColumnValues<S extends ColumnSchema> = { readonly [N in keyof S]?: ColumnTypes[S[N]] };

/** A table as its readers and writers declare it. The store itself knows only the key of the table. */
export interface Table<K extends KeySchema = KeySchema, C extends ColumnSchema = ColumnSchema> {
  readonly name: string;
  readonly key: K;
  readonly columns: C;
}

/** A row with the types of its table's declaration. Columns that are not declared are omitted. */
export interface Row<K extends KeySchema = KeySchema, C extends ColumnSchema = ColumnSchema> {
  readonly key: ColumnValues<K>;
  readonly columns: PartialColumnValues<C>;
}

/** Declares a table, so that its rows are typed. */
export const declareTable = <const K extends KeySchema, const C extends ColumnSchema>(
  table: Table<K, C>,
): Table<K, C> => table;
