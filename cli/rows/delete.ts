import { parseCommand } from '../command.ts';
import { readColumns, refuseRest, takeKey } from './columns.ts';
import { withTable } from './open-table.ts';
import { keyLine } from './show-row.ts';

/** Removes a row, if it is there. */
export async function deleteRow(args: readonly string[]): Promise<number> {
  const [name, ...words] = parseCommand(args, {}, 'any').positionals;
  return withTable(name, async ({ name: table, keys, rows, where }) => {
    const columns = readColumns(words);
    const key = takeKey(columns, keys);
    refuseRest(columns, keys);
    const row = keyLine(key);
    if ((await rows.get(table, key)) === undefined) {
      console.log(`there is no ${row} in ${where}`);
      return;
    }
    await rows.delete(table, key);
    console.log(`deleted ${row} from ${where}`);
  });
}
