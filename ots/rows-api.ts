import type { RetryLimits } from './call-with-retry.ts';
import { createDataPlaneCall } from './call-with-retry.ts';
import type { OtsTransport } from './transport.ts';
import { message } from './wire/message.ts';
import { decodeRow, decodeRows } from './wire/plain-buffer-reader.ts';
import { encodeRows } from './wire/plain-buffer-writer.ts';
import { type Cell, INF_MAX, INF_MIN, type KeyCell, type PlainRow } from './wire/row.ts';

const getRowRequestMessage = message<object>('GetRowRequest');
const getRowResponseMessage = message<{ row: Buffer }>('GetRowResponse');
const putRowRequestMessage = message<object>('PutRowRequest');
const deleteRowRequestMessage = message<object>('DeleteRowRequest');
const getRangeRequestMessage = message<object>('GetRangeRequest');
const getRangeResponseMessage = message<{ rows: Buffer; nextStartPrimaryKey?: Buffer }>('GetRangeResponse');

const ANY_CONDITION = { rowExistence: 'IGNORE' };
const CALL_POLICY = { firstMs: 100, longestMs: 1_000, totalMs: 8_000, timeoutMs: 10_000 };

/** Reads and writes single rows and ranges, for commands. Every write is unconditional and therefore safe to repeat. */
export function createRowsApi(transport: OtsTransport, limits?: RetryLimits) {
  const call = createDataPlaneCall(transport, CALL_POLICY, limits);
  return {
    /** Returns undefined if the row does not exist. */
    async get(
      tableName: string,
      primaryKey: readonly KeyCell[],
      signal?: AbortSignal,
    ): Promise<PlainRow | undefined> {
      const key = encodeRows([{ primaryKey, cells: [] }]);
      const body = getRowRequestMessage.encode({ tableName, primaryKey: key, maxVersions: 1 });
      const { row } = getRowResponseMessage.decode(await call('/GetRow', body, signal));
      return row.length === 0 ? undefined : decodeRow(row);
    },
    /** Replaces the whole row. */
    async put(
      tableName: string,
      primaryKey: readonly KeyCell[],
      cells: readonly Cell[],
      signal?: AbortSignal,
    ) {
      const row = encodeRows([{ primaryKey, cells }]);
      await call(
        '/PutRow',
        putRowRequestMessage.encode({ tableName, row, condition: ANY_CONDITION }),
        signal,
      );
    },
    async delete(tableName: string, primaryKey: readonly KeyCell[], signal?: AbortSignal): Promise<void> {
      const key = encodeRows([{ primaryKey, cells: [], deleted: true }]);
      await call(
        '/DeleteRow',
        deleteRowRequestMessage.encode({ tableName, primaryKey: key, condition: ANY_CONDITION }),
        signal,
      );
    },
    /** Yields the rows whose first key columns equal `prefix`, ordered by key, at most `limit`. */
    async *scan(
      tableName: string,
      keyColumns: readonly string[],
      prefix: readonly KeyCell[],
      limit: number,
      signal?: AbortSignal,
    ): AsyncGenerator<PlainRow> {
      const bound = (mark: typeof INF_MIN | typeof INF_MAX): Buffer => {
        const rest: KeyCell[] = keyColumns.slice(prefix.length).map((name) => ({ name, value: mark }));
        return encodeRows([{ primaryKey: [...prefix, ...rest], cells: [] }]);
      };
      let from: Buffer | undefined = bound(INF_MIN);
      for (let remaining = limit; remaining > 0 && from !== undefined; ) {
        const body = getRangeRequestMessage.encode({
          ...{ tableName, direction: 'FORWARD', maxVersions: 1, limit: Math.min(remaining, 1_000) },
          ...{ inclusiveStartPrimaryKey: from, exclusiveEndPrimaryKey: bound(INF_MAX) },
        });
        const page = getRangeResponseMessage.decode(await call('/GetRange', body, signal));
        const rows = decodeRows(page.rows);
        yield* rows;
        remaining -= rows.length;
        from = page.nextStartPrimaryKey;
      }
    },
  };
}

export type RowsApi = ReturnType<typeof createRowsApi>;
