import { dirname } from 'node:path';
import * as v from 'valibot';
import { ConfigError } from '../../runtime/config.ts';
import { check, fields, rows } from '../../runtime/schema.ts';
import type { Source } from '../sources/source.ts';
import { type Surroundings, sourcesSchema } from '../sources/source-schema.ts';
import type { Route } from './route.ts';
import { routeSchema } from './route-schema.ts';
import { readYaml } from './yaml-file.ts';

/** What the routes files say: which events start what, and who may send them. */
export interface RoutesFile {
  readonly routes: readonly Route[];
  readonly sources: readonly Source[];
}

/** A routes file as it is written. */
export const routesFileSchema = (surroundings: Surroundings) =>
  v.pipe(
    fields({
      routes: v.exactOptional(rows(routeSchema, 'routes')),
      sources: v.exactOptional(sourcesSchema(surroundings)),
    }),
    v.partialCheck(
      [['routes'], ['sources']],
      ({ routes, sources }) => routes !== undefined || sources !== undefined,
      'is without a list; allowed: an object with a list of "routes", of "sources", or both',
    ),
    v.metadata({ anyOf: [{ required: ['routes'] }, { required: ['sources'] }] }),
  );

/**
 * Reads routes and sources from files, later ones adding to or replacing earlier ones by name; throws `ConfigError`
 * with all mistakes. `env` looks up the variables that hold the sources' secrets.
 */
export function loadRoutes(
  files: readonly string[],
  env: (name: string) => string | undefined = () => undefined,
): RoutesFile {
  const problems: string[] = [];
  const routes = new Map<string, Route>();
  const sources = new Map<string, Source>();
  for (const file of files) {
    const yaml = readYaml(file, (sentence) => problems.push(sentence));
    if (yaml === undefined) continue;
    // Files that it names lie beside it.
    const { output, problems: found } = check(
      routesFileSchema({ env, folder: dirname(file) }),
      yaml.value,
      'the file',
    );
    problems.push(...found.map(yaml.located));
    for (const route of output?.routes ?? []) routes.set(route.name, route);
    for (const source of output?.sources ?? []) sources.set(source.name, source);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { routes: [...routes.values()], sources: [...sources.values()] };
}
