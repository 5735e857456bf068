import { parseCommand } from '../command.ts';
import { wholeNumber } from '../whole-number.ts';
import { readColumns, refuseRest, takePrefix } from './columns.ts';
import { withTable } from './open-table.ts';
import { rowJson, rowLine } from './show-row.ts';

/** Prints rows in order of their keys. */
export async function scanRows(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, limit: { type: 'string', default: '50' } } as const;
  const { values, positionals } = parseCommand(args, options, 'any');
  const [name, ...words] = positionals;
  const limit = wholeNumber('--limit', values.limit, 1, 1_000_000);
  return withTable(name, async ({ name: table, keys, rows, where }) => {
    const columns = readColumns(words);
    const prefix = takePrefix(columns, keys);
    refuseRest(columns, keys);
    let count = 0;
    for await (const row of rows.scan(table, keys, prefix, limit)) {
      console.log(values.json === true ? rowJson(row) : rowLine(row));
      count++;
    }
    if (values.json !== true && count === 0) console.log(`there are no such rows in ${where}`);
    if (values.json !== true && count === limit) console.log(`at most ${limit} are shown; more with --limit`);
  });
}
