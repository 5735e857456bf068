import { dirname } from 'node:path';
import * as v from 'valibot';
import { DIALECTS } from '../../domain/event-pattern.ts';
import { ConfigError } from '../../runtime/config.ts';
import { check, fields, rows, valueSchema } from '../../runtime/schema.ts';
import type { Sender } from '../senders/sender.ts';
import { type SchemaContext, sendersSchema } from '../senders/sender-schema.ts';
import type { Route } from './route.ts';
import { routeSchema } from './route-schema.ts';
import { formatMistake, type Mistake, readYaml } from './yaml-file.ts';

/** The content of the routes files: routes and senders. */
export interface RoutesFile {
  readonly routes: readonly Route[];
  readonly senders: readonly Sender[];
}

const dialectSchema = v.pipe(
  valueSchema(v.picklist(DIALECTS), DIALECTS.join(' or ')),
  v.description('the dialect of the patterns: where the vendors differ, that of Alibaba or of AWS'),
);

/** The schema of a routes file. */
export const routesFileSchema = (context: SchemaContext) =>
  v.pipe(
    fields({
      dialect: v.exactOptional(dialectSchema),
      routes: v.exactOptional(rows(routeSchema(context.dialect), 'routes')),
      sources: v.exactOptional(sendersSchema(context)),
    }),
    v.partialCheck(
      [['routes'], ['sources']],
      ({ routes, sources }) => routes !== undefined || sources !== undefined,
      'has no "routes" and no "sources"; allowed: an object with at least one of these lists',
    ),
    v.metadata({ anyOf: [{ required: ['routes'] }, { required: ['sources'] }] }),
  );

type ReadVariable = (name: string) => string | undefined;

/** Reads files as `loadRoutes` does, and returns all mistakes together with the valid rows. */
export function checkRoutes(
  files: readonly string[],
  env: ReadVariable,
): RoutesFile & { mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const routes = new Map<string, Route>();
  const senders = new Map<string, Sender>();
  for (const file of files) {
    const yaml = readYaml(file);
    if ('mistakes' in yaml) {
      mistakes.push(...yaml.mistakes);
      continue;
    }
    // Relative file names in a routes file start from its folder.
    const { dialect } = Object(yaml.value) as { dialect?: unknown };
    const context = { env, folder: dirname(file), dialect: dialect === 'aws' ? dialect : 'alibaba' } as const;
    const schema = routesFileSchema(context);
    const { output, problems } = check(schema, yaml.value, 'the file');
    mistakes.push(...problems.map(yaml.locate).sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
    for (const route of output?.routes ?? []) routes.set(route.name, route);
    for (const sender of output?.sources ?? []) senders.set(sender.name, sender);
  }
  return { routes: [...routes.values()], senders: [...senders.values()], mistakes };
}

/**
 * Reads routes and senders from files. A row in a later file replaces an earlier row with the same name. Throws
 * `ConfigError` with all mistakes. `env` returns the variables that hold the senders' secrets.
 */
export function loadRoutes(files: readonly string[], env: ReadVariable = () => undefined): RoutesFile {
  const { mistakes, ...found } = checkRoutes(files, env);
  if (mistakes.length > 0) throw new ConfigError(mistakes.map(formatMistake));
  return found;
}
