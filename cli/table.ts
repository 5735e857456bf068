import { runSubcommand } from './command.ts';
import { tablestoreHelp } from './tablestore-target.ts';

/** The text of `sluice table --help`. */
export const help = `
Reads and changes rows of Tablestore.

usage: sluice table get <table> <column=value>... [--json]
       sluice table scan <table> [column=value]... [--limit n] [--json]
       sluice table put <table> <column=value>...
       sluice table delete <table> <column=value>...

get     prints one row, by its complete key
scan    prints rows in key order; the first key columns narrow the range
put     writes a whole row: its key columns and the other given columns; replaces an existing row with all its columns
delete  deletes a row, by its complete key

column=value    a text; column:=value is JSON: 5 is an integer, 1.5 or 5.0 a double; also true, '{"binary": "aGk="}',
                or any value that --json prints
--limit <n>     maximum number of rows, default 50
--json          prints JSON, one row a line
${tablestoreHelp}
`;

const verbs = {
  scan: async () => (await import('./table/row-commands.ts')).scanRows,
  get: async () => (await import('./table/row-commands.ts')).getRow,
  put: async () => (await import('./table/row-commands.ts')).putRow,
  delete: async () => (await import('./table/row-commands.ts')).deleteRow,
} as const;

/** Runs the subcommand scan, get, put or delete. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('table', verbs, args);
