import { readFileSync } from 'node:fs';
import { LineCounter, type Node, parseDocument } from 'yaml';
import { compilePattern, type PatternError } from '../../domain/event-pattern.ts';
import { ConfigError } from '../../runtime/config.ts';
import type { Route } from './route.ts';
import { compileTemplate, type TemplateError } from './template.ts';

const FIELDS = ['name', 'match', 'workflow', 'queue', 'id', 'input', 'exact'] as const;

/** Reads routes from files, later ones adding to or replacing earlier ones by name; throws `ConfigError` with all mistakes. */
export function loadRoutes(files: readonly string[]): Route[] {
  const problems: string[] = [];
  const routes = new Map<string, Route>();
  for (const file of files) {
    for (const route of readRoutes(file, problems)) routes.set(route.name, route);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return [...routes.values()];
}

function readRoutes(file: string, problems: string[]): Route[] {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    problems.push(`routes file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return [];
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const report = (path: readonly (string | number)[], message: string): void => {
    const line = lineOf(path);
    problems.push(`${file}${line === undefined ? '' : `:${line}`}: ${pathText(path)}: ${message}`);
  };
  /** The line of the innermost thing on the path that the file has. */
  const lineOf = (path: readonly (string | number)[]): number | undefined => {
    const node = document.getIn(path, true) as Node | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
    return path.length === 0 ? undefined : lineOf(path.slice(0, -1));
  };
  for (const error of document.errors)
    problems.push(`${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`);
  if (document.errors.length > 0) return [];

  const root = document.toJS() as { routes?: unknown } | null;
  if (!Array.isArray(root?.routes)) {
    report([], 'allowed is an object with a list of "routes"');
    return [];
  }
  const names = new Set<string>();
  return root.routes.flatMap((row: unknown, index) => {
    const path = ['routes', index];
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      report(path, 'allowed is an object');
      return [];
    }
    const route = readRoute(row as Record<string, unknown>, (at, message) =>
      report([...path, ...at], message),
    );
    if (route !== undefined && names.has(route.name))
      report([...path, 'name'], `${route.name} is there twice`);
    if (route !== undefined) names.add(route.name);
    return route === undefined ? [] : [route];
  });
}

type Report = (path: (string | number)[], message: string) => void;

function readRoute(row: Record<string, unknown>, report: Report): Route | undefined {
  let sound = true;
  const wrong = (path: (string | number)[], message: string): void => {
    sound = false;
    report(path, message);
  };
  for (const field of Object.keys(row)) {
    if (!FIELDS.some((known) => known === field))
      wrong([field], `unknown field; known are ${FIELDS.join(', ')}`);
  }
  const text = (field: string, pattern: RegExp, allowed: string): string => {
    const value = row[field];
    if (typeof value === 'string' && pattern.test(value)) return value;
    wrong(
      value === undefined ? [] : [field],
      `${field} is ${JSON.stringify(value) ?? 'missing'}; allowed is ${allowed}`,
    );
    return '';
  };
  const compiled = <T>(field: string, compile: () => T): T | undefined => {
    try {
      return compile();
    } catch (error) {
      const { path, message } = error as PatternError | TemplateError;
      wrong([field, ...(typeof path === 'string' ? stepsOf(path) : path)], message);
      return undefined;
    }
  };
  const name = text('name', /^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and "-", up to 63');
  const workflow = text('workflow', /^\S.{0,199}$/, 'the name of a workflow type');
  const queue = text('queue', /^\S.{0,199}$/, 'the name of a task queue');
  text('id', /./, 'a template such as "order:{data.order.id}"');
  if (row.exact !== undefined && typeof row.exact !== 'boolean') wrong(['exact'], 'allowed is true or false');
  const match = compiled('match', () => compilePattern(row.match));
  const id = compiled('id', () => compileTemplate(row.id));
  const input = row.input === undefined ? undefined : compiled('input', () => compileTemplate(row.input));
  if (!sound || match === undefined || id === undefined) return undefined;
  const exact = row.exact === true;
  return { name, workflow, queue, match, id, exact, ...(input === undefined ? {} : { input }) };
}

/** The steps of a pattern's path, as in `data.oss["a b"][0].prefix`. */
const stepsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([\w-]+)/g)].map(([, index, quoted, word]) =>
    index === undefined ? (word ?? (JSON.parse(quoted ?? '""') as string)) : Number(index),
  );

const pathText = (path: readonly (string | number)[]): string =>
  path.reduce<string>(
    (all, step) => (typeof step === 'number' ? `${all}[${step}]` : all ? `${all}.${step}` : step),
    '',
  ) || 'the file';
