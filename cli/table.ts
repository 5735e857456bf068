import { runSubcommand } from './command.ts';
import { tablestoreHelp } from './tablestore-target.ts';

/** What `sluice table --help` prints. */
export const help = `
Looks at rows of Tablestore, and changes them.

usage: sluice table get <table> <column=value>... [--json]
       sluice table scan <table> [column=value]... [--limit n] [--json]
       sluice table put <table> <column=value>...
       sluice table delete <table> <column=value>...

get     one row, by its whole key
scan    rows in order of their keys; key columns that are given narrow it down, from the first on
put     replaces a row, or makes it: its key columns and all its others
delete  removes a row, by its whole key

column=value    a text; column:=value is JSON: 5 an integer, 1.5 or 5.0 a double, true, '{"binary": "aGk="}',
                or whatever --json shows for a value
--limit <n>     at most so many rows, default 50
--json          prints JSON, a row a line
${tablestoreHelp}
`;

const verbs = {
  scan: async () => (await import('./table/row-commands.ts')).scanRows,
  get: async () => (await import('./table/row-commands.ts')).getRow,
  put: async () => (await import('./table/row-commands.ts')).putRow,
  delete: async () => (await import('./table/row-commands.ts')).deleteRow,
} as const;

/** Dispatches to scan, get, put or delete. */
export const run = (args: readonly string[]): Promise<number> => runSubcommand('table', verbs, args);
