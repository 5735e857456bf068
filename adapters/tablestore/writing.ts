import { InvalidInput } from '../../domain/errors.ts';
import type { Table } from '../../ports/table.ts';
import type { TableStore, Write, WriteOutcome, Written } from '../../ports/table-store.ts';
import { cutInPieces, inParallel } from './batches.ts';
import { callOnce, failureOf, mayRepeat, rowAnswers } from './calls.ts';
import { isUnmet } from './errors.ts';
import type { Calling } from './reads.ts';
import { type Answer, askUntilAnswered, type Try } from './retry.ts';
import { type CheckedWrite, checkWrite } from './writes.ts';

/** The service's limits of one request that writes; the bytes are 4 MB, and some are kept for what is not counted. */
const ROWS_PER_WRITE = 200;
const BYTES_PER_WRITE = 3_500_000;

type WrittenRow = { readonly isOk: boolean };

/** The writes of the port: repeated where that has no other effect. */
export function tablestoreWriting({
  request,
  limits,
  parallel,
}: Calling): Pick<TableStore, 'put' | 'update' | 'delete' | 'writeMany'> {
  const writeOne = async (table: Table, write: Write, signal: AbortSignal | undefined): Promise<Written> => {
    const { operation, alone, what, repeatable } = checkWrite(table, write);
    try {
      await callOnce(request, { operation, params: alone, what, repeatable }, limits(signal));
      return 'written';
    } catch (error) {
      if (isUnmet(error)) return 'unmet';
      throw error;
    }
  };
  return {
    put: (table, key, columns, { when, signal } = {}) =>
      writeOne(table, { do: 'put', key, columns, when }, signal),
    update: (table, key, change, { when, signal } = {}) =>
      writeOne(table, { do: 'update', key, ...change, when }, signal),
    delete: (table, key, { when, signal } = {}) => writeOne(table, { do: 'delete', key, when }, signal),

    async writeMany(table, writes, { signal } = {}) {
      const checked = writes.map((write) => checkWrite(table, write));
      refuseTwice(checked);
      const ask = async (asked: readonly CheckedWrite[], each: Try): Promise<Answer<WrittenRow>[]> => {
        const batch = { tableName: table.name, rows: asked.map(({ inBatch }) => inBatch) };
        const answer = await request('batchWriteRow', { tables: [batch] }, each);
        return rowAnswers((answer as { tables: WrittenRow[] }).tables);
      };
      const outcomes = checked.map((): WriteOutcome => ({ outcome: 'written' }));
      const pieces = cutInPieces(checked, {
        ...{ rows: ROWS_PER_WRITE, bytes: BYTES_PER_WRITE, sizeOf: ({ bytes }) => bytes },
      });
      await inParallel(pieces, parallel, async (piece) => {
        const answers = await askUntilAnswered(
          piece.map(({ item }) => item),
          { ask, mayRepeat: (write, error) => mayRepeat(error, write.repeatable) },
          limits(signal),
        );
        for (const [place, { index, item }] of piece.entries()) {
          const answer = answers[place];
          if (answer !== undefined && 'error' in answer) outcomes[index] = outcomeOf(answer.error, item.what);
        }
      });
      return outcomes;
    },
  };
}

function outcomeOf(error: unknown, what: string): WriteOutcome {
  return isUnmet(error) ? { outcome: 'unmet' } : { outcome: 'failed', error: failureOf(error, what) };
}

/** In one batch the same row twice is not said to be in any order, and in two batches there is none. */
function refuseTwice(writes: readonly CheckedWrite[]): void {
  const seen = new Map<string, number>();
  for (const [index, { id, what }] of writes.entries()) {
    const before = seen.get(id);
    if (before !== undefined)
      throw new InvalidInput('SameRowTwice', `${what}: write ${index} is of the same row as write ${before}`);
    seen.set(id, index);
  }
}
