import { parseCommand, parseWholeNumber } from '../command.ts';
import { cellsOf, readColumns, rejectExtraColumns, takeKey, takePrefix } from './columns.ts';
import { withTable } from './open-table.ts';
import { keyText, rowJson, rowText } from './row-text.ts';

/** Prints rows in key order. */
export async function scanRows(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, limit: { type: 'string', default: '50' } } as const;
  const { values, positionals } = parseCommand(args, options, 'any');
  const [name, ...words] = positionals;
  const limit = parseWholeNumber('--limit', values.limit, 1, 1_000_000);
  return withTable(name, async ({ name: table, keyColumns, rows, where }) => {
    const columns = readColumns(words);
    const prefix = takePrefix(columns, keyColumns);
    rejectExtraColumns(columns, keyColumns);
    let count = 0;
    for await (const row of rows.scan(table, keyColumns, prefix, limit)) {
      console.log(values.json === true ? rowJson(row) : rowText(row));
      count++;
    }
    if (values.json !== true && count === 0) console.log(`${where} has no such rows`);
    if (values.json !== true && count === limit)
      console.log(`showing the first ${limit} rows; --limit shows more`);
  });
}

/** Prints one row. Returns 1 if it does not exist. */
export async function getRow(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, { json: { type: 'boolean' } }, 'any');
  const [name, ...words] = positionals;
  let found = true;
  await withTable(name, async ({ name: table, keyColumns, rows, where }) => {
    const columns = readColumns(words);
    const key = takeKey(columns, keyColumns);
    rejectExtraColumns(columns, keyColumns);
    const row = await rows.get(table, key);
    found = row !== undefined;
    if (row === undefined) console.error(`${where} has no such row`);
    else console.log(values.json === true ? rowJson(row) : rowText(row));
  });
  return found ? 0 : 1;
}

/** Writes a row, and replaces an existing one. */
export async function putRow(args: readonly string[]): Promise<number> {
  const [name, ...words] = parseCommand(args, {}, 'any').positionals;
  return withTable(name, async ({ name: table, keyColumns, rows, where }) => {
    const columns = readColumns(words);
    const key = takeKey(columns, keyColumns);
    await rows.put(table, key, cellsOf(columns));
    console.log(`put ${keyText(key)} into ${where}`);
  });
}

/** Deletes a row if it exists. */
export async function deleteRow(args: readonly string[]): Promise<number> {
  const [name, ...words] = parseCommand(args, {}, 'any').positionals;
  return withTable(name, async ({ name: table, keyColumns, rows, where }) => {
    const columns = readColumns(words);
    const key = takeKey(columns, keyColumns);
    rejectExtraColumns(columns, keyColumns);
    const row = keyText(key);
    if ((await rows.get(table, key)) === undefined) {
      console.log(`${row} does not exist in ${where}`);
      return;
    }
    await rows.delete(table, key);
    console.log(`deleted ${row} from ${where}`);
  });
}
