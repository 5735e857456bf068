import type { TunnelRecord } from '../ots/tunnel/record.ts';
import type { KeyCell, KeyValue } from '../ots/wire/row.ts';

/** Many more than are under way at a time: few rows that differ share one. */
const PLACES = 1_024;

/**
 * Which rows of a batch are under way. Rows are told apart by a number that few share: those wait for each other, which
 * they need not. Not a Map: what it holds of a whole batch was most of what the garbage collector had to copy.
 */
export class RowsUnderWay {
  readonly #queues: (TunnelRecord[] | undefined)[] = new Array(PLACES).fill(undefined);

  /**
   * The records of a row from this one on, which grow while the row is under way; undefined where it is under way
   * already, and whoever has it gets the record.
   */
  begin(record: TunnelRecord): readonly TunnelRecord[] | undefined {
    const place = placeOf(record.primaryKey);
    const queue = this.#queues[place];
    if (queue === undefined) {
      const own = [record];
      this.#queues[place] = own;
      return own;
    }
    queue.push(record);
    return undefined;
  }

  /** All records of the row are delivered. */
  end({ primaryKey }: TunnelRecord): void {
    this.#queues[placeOf(primaryKey)] = undefined;
  }
}

/** FNV-1a over the key's values. */
function placeOf(primaryKey: readonly KeyCell<KeyValue>[]): number {
  let sum = 0x811c9dc5;
  for (const { value } of primaryKey) {
    if (typeof value === 'string')
      for (let at = 0; at < value.length; at++) sum = mixed(sum, value.charCodeAt(at));
    else if (typeof value === 'bigint') sum = mixed(sum, Number(BigInt.asUintN(32, value)));
    else for (const byte of value) sum = mixed(sum, byte);
    // Between two values.
    sum = mixed(sum, 0x100);
  }
  return (sum ^ (sum >>> 16)) & (PLACES - 1);
}

const mixed = (sum: number, value: number): number => Math.imul(sum ^ value, 0x01000193);
