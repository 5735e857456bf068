import type {
  Change,
  ChangeAction,
  ChangeLog,
  Partition,
} from '../../../../local/tablestore/storage/change-log.ts';
import { encodeRows } from '../../../../ots/wire/plain-buffer-writer.ts';
import type { Cell, PlainRow } from '../../../../ots/wire/row.ts';

/** A partition: the rows with an id from `from` up to, but without, `to`. */
interface Share extends Partition {
  readonly from: string;
  readonly to: string;
  closed: boolean;
  trimmed: bigint;
  changes: Change[];
}

const keyOf = ({ primaryKey: [key] }: PlainRow): string => String(key?.value);

/** A change log of one table in memory, keyed by one string `id`. Its partitions are ranges of the id. */
export class MemoryChangeLog implements ChangeLog {
  readonly #rows = new Map<string, PlainRow>();
  readonly #shares: Share[] = [];
  #now = 1_000n;

  /** Creates partitions that begin at `''` and at each of these keys. */
  constructor(...starts: readonly string[]) {
    const froms = ['', ...starts];
    for (const [index, from] of froms.entries()) this.#open(`p${index}`, from, froms[index + 1] ?? '\uffff');
  }

  /** Writes a row and logs the change. Returns its timestamp in µs. */
  write(id: string, cells: readonly Cell[] = [], action: ChangeAction = 'PUT_ROW'): bigint {
    this.#now += 1_000n;
    const record = { primaryKey: [{ name: 'id', value: id }], cells };
    if (action === 'DELETE_ROW') this.#rows.delete(id);
    else this.#rows.set(id, record);
    const share = this.#shares.find(({ from, to, closed }) => !closed && id >= from && id < to);
    const bytes = encodeRows([{ ...record, deleted: action === 'DELETE_ROW' }]);
    share?.changes.push({ action, record: bytes, sequence: { epoch: 0, timestamp: this.#now, rowIndex: 0 } });
    return this.#now;
  }

  /** Drops all changes up to a timestamp. */
  trim(until: bigint): void {
    for (const share of this.#shares) {
      const dropped = share.changes.filter(({ sequence }) => sequence.timestamp <= until);
      share.trimmed = dropped.at(-1)?.sequence.timestamp ?? share.trimmed;
      share.changes = share.changes.slice(dropped.length);
    }
  }

  partitions(): readonly Partition[] {
    return this.#shares;
  }

  read(_table: string, partition: string, after: bigint, limits: { records: number; bytes: number }) {
    const pending = this.#share(partition).changes.filter(({ sequence }) => sequence.timestamp > after);
    const changes = pending.slice(0, limits.records);
    return { changes, hasMore: changes.length < pending.length };
  }

  newestDropped(_table: string, partition: string): bigint {
    return this.#share(partition).trimmed;
  }

  latest(_table: string, partition: string): bigint {
    return this.#share(partition).changes.at(-1)?.sequence.timestamp ?? 0n;
  }

  scanRows(_table: string, partition: string, after: Buffer | undefined, limit: number) {
    const { from, to } = this.#share(partition);
    const pending = [...this.#rows.values()]
      .filter((row) => keyOf(row) >= from && keyOf(row) < to && keyOf(row) > (after?.toString() ?? ''))
      .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    const rows = pending.slice(0, limit);
    const last = rows.at(-1);
    return rows.length < pending.length && last !== undefined
      ? { rows, next: Buffer.from(keyOf(last)) }
      : { rows };
  }

  split(_table: string, partition: string, at = `${this.#share(partition).from}m`): void {
    const share = this.#share(partition);
    share.closed = true;
    this.#open(`${partition}-low`, share.from, at, partition);
    this.#open(`${partition}-high`, at, share.to, partition);
  }

  now(): bigint {
    return this.#now;
  }

  #open(id: string, from: string, to: string, parent?: string): void {
    const share = { id, from, to, closed: false, since: this.#now, trimmed: 0n, changes: [] };
    this.#shares.push(parent === undefined ? share : { ...share, parent });
  }

  #share(partition: string): Share {
    const share = this.#shares.find(({ id }) => id === partition);
    if (share === undefined) throw new Error(`partition ${partition} does not exist`);
    return share;
  }
}
