import { dirname } from 'node:path';
import { ConfigError } from '../../runtime/config.ts';
import { readSources } from '../sources/read-sources.ts';
import type { Source } from '../sources/source.ts';
import { nameOf, type Report, shown } from '../yaml/fields.ts';
import { readYaml } from '../yaml/yaml-file.ts';
import { readRoute } from './read-route.ts';
import type { Route } from './route.ts';

/** What the routes files say: which events start what, and who may send them. */
export interface RoutesFile {
  readonly routes: readonly Route[];
  readonly sources: readonly Source[];
}

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
    const { value, report } = yaml;
    if (typeof value !== 'object' || value === null || !('routes' in value || 'sources' in value)) {
      report([], 'allowed is an object with a list of "routes", of "sources", or both');
      continue;
    }
    for (const field of Object.keys(value))
      if (!['routes', 'sources'].includes(field)) report([field], 'unknown field; known are routes, sources');
    if ('routes' in value)
      for (const route of readRoutes(value.routes, report)) routes.set(route.name, route);
    if (!('sources' in value)) continue;
    const inSources: Report = (path, message) => report(['sources', ...path], message);
    // Files that it names lie beside it.
    const read = readSources(value.sources, inSources, env, dirname(file));
    for (const source of read) sources.set(source.name, source);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { routes: [...routes.values()], sources: [...sources.values()] };
}

function readRoutes(rows: unknown, report: Report): Route[] {
  if (!Array.isArray(rows)) {
    report(['routes'], `routes is ${shown(rows)}; allowed is a list of routes`);
    return [];
  }
  const names = new Set<string>();
  return rows.flatMap((row: unknown, index) => {
    const inside: Report = (path, message) => report(['routes', index, ...path], message);
    const route = readRoute(row, inside);
    // Also of a row that has another mistake.
    const name = nameOf(row);
    if (name !== undefined && names.has(name)) inside(['name'], `${name} is there twice`);
    if (name !== undefined) names.add(name);
    return route === undefined ? [] : [route];
  });
}
