import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';
import { parameterInvalid } from '../errors.ts';
import { type Consumed, readCost, sizeOf } from '../rows/capacity.ts';
import { checkRowKey } from '../rows/check-key.ts';
import { checkTableName } from '../rows/check-names.ts';
import { readPlainRow } from '../rows/read-plain-row.ts';
import { readSelection, type Selection, type SelectionRequest } from '../rows/selection.ts';
import { readUnexpiredRow } from '../rows/write-row.ts';
import { rowKey } from '../storage/row-store.ts';
import type { Storage } from '../storage/storage.ts';
import type { TableRecord } from '../storage/table-record.ts';
import { operation } from './operation.ts';

export interface ReadResult {
  readonly consumed: Consumed;
  /** In PlainBuffer. Empty if the row does not exist. */
  readonly row: Buffer;
}

type Request = SelectionRequest & { readonly tableName: string; readonly primaryKey: Buffer };

export const getRow = operation<Request, ReadResult>('GetRow', (request, storage) => {
  checkTableName(request.tableName);
  const select = readSelection(request);
  const table = storage.tables.requireForRows(request.tableName);
  return readRow(storage, table, request.primaryKey, select);
});

/** Reads the row with a key in PlainBuffer. Throws OTSInvalidPK or OTSParameterInvalid. */
export function readRow(storage: Storage, table: TableRecord, key: Buffer, select: Selection): ReadResult {
  const { primaryKey, cells, deleted = false } = readPlainRow(key);
  if (cells.length > 0) throw parameterInvalid('Attribute column cannot be given while reading data.');
  if (deleted) throw parameterInvalid('Delete marker cannot be given.');
  const found = readUnexpiredRow(storage, table, rowKey(table, checkRowKey(primaryKey, table.keys)));
  const row = found === undefined ? undefined : select(found);
  return {
    consumed: readCost(found === undefined ? 0 : sizeOf(found)),
    row: row === undefined ? Buffer.alloc(0) : encodeRows([row]),
  };
}
