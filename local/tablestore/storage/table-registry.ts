import { objectAlreadyExists, objectNotExist, quotaExhausted, requestTableNotExist } from '../errors.ts';
import type { Databases } from './databases.ts';
import type { TableRecord } from './table-record.ts';

/** The service's limit per instance. */
const MAX_TABLES = 64;

/** The tables of the instance. Every request uses these few tables, so they are cached in memory. */
export class TableRegistry {
  readonly #databases: Databases;
  readonly #known: Map<string, TableRecord>;
  readonly #removeListeners: ((name: string) => void)[] = [];

  constructor(databases: Databases) {
    this.#databases = databases;
    this.#known = new Map([...databases.tables.getRange({})].map(({ key, value }) => [key, value]));
  }

  /** Returns all names in byte order. */
  names(): string[] {
    return [...this.#known.keys()].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  }

  find(name: string): TableRecord | undefined {
    return this.#known.get(name);
  }

  /** Returns a table for operations on tables. Throws OTSObjectNotExist. */
  require(name: string): TableRecord {
    const table = this.#known.get(name);
    if (table === undefined) throw objectNotExist();
    return table;
  }

  /**
   * Returns a table for operations on rows. Throws OTSParameterInvalid if it does not exist. For operations on tables,
   * the service has another code (see `require`).
   */
  requireForRows(name: string): TableRecord {
    const table = this.#known.get(name);
    if (table === undefined) throw requestTableNotExist();
    return table;
  }

  /** Adds a table under a new id. Throws OTSObjectAlreadyExist or OTSQuotaExhausted. */
  add(name: string, make: (id: number) => TableRecord): TableRecord {
    if (this.#known.has(name)) throw objectAlreadyExists();
    if (this.#known.size >= MAX_TABLES) throw quotaExhausted('Number of tables exceeded the quota.');
    const table = this.#databases.write(() => {
      const id = (this.#databases.counters.get('tables') ?? 0) + 1;
      this.#databases.counters.putSync('tables', id);
      const record = make(id);
      this.#databases.tables.putSync(name, record);
      return record;
    });
    this.#known.set(name, table);
    return table;
  }

  /** Replaces a table and runs `alongside` in the same transaction. */
  replace(table: TableRecord, alongside: () => void = () => {}): void {
    this.#databases.write(() => {
      this.#databases.tables.putSync(table.name, table);
      alongside();
    });
    this.#known.set(table.name, table);
  }

  /** Registers a listener that is called in the transaction that removes a table. */
  onRemove(listener: (name: string) => void): void {
    this.#removeListeners.push(listener);
  }

  /** Removes a table and runs `alongside` in the same transaction. */
  remove(table: TableRecord, alongside: () => void): void {
    this.#databases.write(() => {
      this.#databases.tables.removeSync(table.name);
      alongside();
      for (const listener of this.#removeListeners) listener(table.name);
    });
    this.#known.delete(table.name);
  }
}
