import { parseCommand } from '../command.ts';
import { readColumns, refuseRest, takeKey } from './columns.ts';
import { withTable } from './open-table.ts';
import { rowJson, rowLine } from './show-row.ts';

/** Prints one row; answers 1 when there is none. */
export async function getRow(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, { json: { type: 'boolean' } }, 'any');
  const [name, ...words] = positionals;
  let found = true;
  await withTable(name, async ({ name: table, keys, rows, where }) => {
    const columns = readColumns(words);
    const key = takeKey(columns, keys);
    refuseRest(columns, keys);
    const row = await rows.get(table, key);
    found = row !== undefined;
    if (row === undefined) console.error(`there is no such row in ${where}`);
    else console.log(values.json === true ? rowJson(row) : rowLine(row));
  });
  return found ? 0 : 1;
}
