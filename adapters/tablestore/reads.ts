import type { Row } from '../../ports/table.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { cutInPieces, inParallel } from './batches.ts';
import { callOnce, mayRepeat, rowAnswers } from './calls.ts';
import type { Request } from './client.ts';
import { translateOtsError } from './errors.ts';
import { rangeIn } from './range.ts';
import { type Answer, askUntilAnswered, type Limits, type Try } from './retry.ts';
import { keyId, keyIn, type PackageKey, type PackageRow, rowName, rowOut } from './values.ts';

/** What reads and writes are made with. */
export interface Calling {
  readonly request: Request;
  readonly limits: (signal: AbortSignal | undefined) => Limits;
  /** Requests of one call that are under way at a time. */
  readonly parallel: number;
}

/** The service's limits of one request: rows of a batch that reads, and of a page. */
const ROWS_PER_READ = 100;
const ROWS_PER_PAGE = 5_000;

type ReadRow = PackageRow & { readonly isOk: boolean };

/** The reads of the port; all of them may be repeated. */
export function tablestoreReads({
  request,
  limits,
  parallel,
}: Calling): Pick<TableStore, 'get' | 'getMany' | 'range'> {
  return {
    async get(table, key, { columns = [], signal } = {}) {
      const params = {
        tableName: table.name,
        primaryKey: keyIn(table, key, 'reading'),
        ...{ columnsToGet: columns, maxVersions: 1 },
      };
      const what = `reading ${rowName(table, key)}`;
      const call = { operation: 'getRow', params, what, repeatable: true } as const;
      const { row } = (await callOnce(request, call, limits(signal))) as { row: PackageRow };
      return rowOut(table, row);
    },

    async getMany(table, keys, { columns = [], signal } = {}) {
      const wanted = keys.map((key) => ({ key, primaryKey: keyIn(table, key, 'reading') }));
      const ask = async (
        asked: readonly { primaryKey: PackageKey }[],
        each: Try,
      ): Promise<Answer<ReadRow>[]> => {
        const primaryKey = asked.map((one) => one.primaryKey);
        const batch = { tableName: table.name, primaryKey, columnsToGet: columns, maxVersions: 1 };
        const answer = await request('batchGetRow', { tables: [batch] }, each);
        return rowAnswers((answer as { tables: ReadRow[][] }).tables[0] ?? []);
      };
      const rows = keys.map((): Row<typeof table.key, typeof table.columns> | undefined => undefined);
      const pieces = cutInPieces(wanted, {
        rows: ROWS_PER_READ,
        bytes: Number.POSITIVE_INFINITY,
        sizeOf: () => 0,
      });
      await inParallel(pieces, parallel, async (piece) => {
        const answers = await askUntilAnswered(
          piece.map(({ item }) => item),
          { ask, mayRepeat: (_item, error) => mayRepeat(error, true) },
          limits(signal),
        );
        for (const [place, { index, item }] of piece.entries()) {
          const answer = answers[place];
          if (answer === undefined || 'error' in answer)
            throw translateOtsError(answer?.error, `reading ${rowName(table, item.key)}`);
          rows[index] = rowOut(table, answer.value);
        }
      });
      return rows;
    },

    async *range(table, range = {}) {
      const { params, start } = rangeIn(table, range);
      const what = `reading ${rowName(table, range.prefix ?? {})}`;
      const skipped = range.after === undefined ? undefined : keyId(table, range.after);
      let left = range.limit ?? Number.POSITIVE_INFINITY;
      // A page may be empty and still have a next one: filtered rows count.
      for (let from: object | null = start; from !== null && left > 0; ) {
        // The row that reading begins after comes, too, where it is still there.
        const limit = Math.min(left + (from === start && skipped !== undefined ? 1 : 0), ROWS_PER_PAGE);
        const page = { ...params, inclusiveStartPrimaryKey: from, limit };
        const call = { operation: 'getRange', params: page, what, repeatable: true } as const;
        const answer = (await callOnce(request, call, limits(range.signal))) as RangePage;
        for (const raw of answer.rows) {
          const row = rowOut(table, raw);
          if (row === undefined || (skipped !== undefined && keyId(table, row.key) === skipped)) continue;
          if (left === 0) return;
          left--;
          yield row;
        }
        from = answer.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value })) ?? null;
      }
    },
  };
}

interface RangePage {
  readonly rows: readonly PackageRow[];
  readonly nextStartPrimaryKey: PackageRow['primaryKey'];
}
