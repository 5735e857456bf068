import { parseCommand } from '../command.ts';
import { cellsOf, readColumns, takeKey } from './columns.ts';
import { withTable } from './open-table.ts';
import { keyLine } from './show-row.ts';

/** Replaces a row, or makes it. */
export async function putRow(args: readonly string[]): Promise<number> {
  const [name, ...words] = parseCommand(args, {}, 'any').positionals;
  return withTable(name, async ({ name: table, keys, rows, where }) => {
    const columns = readColumns(words);
    const key = takeKey(columns, keys);
    await rows.put(table, key, cellsOf(columns));
    console.log(`put ${keyLine(key)} into ${where}`);
  });
}
