import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkRoutes } from '../gateway/routes/load-routes.ts';
import { formatMistake } from '../gateway/routes/yaml-file.ts';
import { parseCommand, runSubcommand, UsageError } from './command.ts';
import { packageRoot, readCliConfig } from './config.ts';
import { environmentLookup } from './environment-lookup.ts';
import { printJson } from './terminal-text.ts';

/** The text of `sluice routes --help`. */
export const help = `
Checks routes files without a gateway.

usage: sluice routes check <file>... [--json]
       sluice routes schema

check    reads the files as a gateway does, and prints every mistake with file, line and path; exit code 1 if there is one.
         Files that senders refer to must exist; variables do not have to be set
schema   prints the JSON Schema of routes files, for editors and other tools

--json   prints {routes, sources, mistakes: [{file, line, sentence}]}
`;

/** Runs the subcommand check or schema. */
export const run = (args: readonly string[]): Promise<number> =>
  runSubcommand('routes', { check: async () => checkFiles, schema: async () => printSchema }, args);

async function checkFiles(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals: files } = parseCommand(args, options, 'any');
  if (files.length === 0) throw new UsageError('<file> is missing');
  const variables = environmentLookup(readCliConfig().environment);
  const { mistakes, ...found } = checkRoutes(files, variables.lookUp);
  variables.printUnset();
  const [routes, sources] = [found.routes, found.senders].map((rows) => rows.map(({ name }) => name));
  if (values.json) printJson({ routes, sources, mistakes });
  else if (mistakes.length > 0) console.log(mistakes.map(formatMistake).join('\n'));
  else console.log(`no mistakes; routes: ${namesText(routes)}; sources: ${namesText(sources)}`);
  return mistakes.length > 0 ? 1 : 0;
}

const namesText = (names: readonly string[] = []): string =>
  names.length === 0 ? 'none' : `${names.length} (${names.join(', ')})`;

async function printSchema(args: readonly string[]): Promise<number> {
  parseCommand(args, {});
  console.log(readFileSync(join(packageRoot, 'gateway', 'routes.schema.json'), 'utf8').trimEnd());
  return 0;
}
