import { kindOf, nameOf, type Report } from '../yaml/fields.ts';
import { readSource } from './read-source.ts';
import type { Source } from './source.ts';

/**
 * Reads a list of sources as it stands in a routes file, absent or not; every mistake is reported with the path that
 * leads to it from the list, and no message holds a secret. Relative file names start from `folder`.
 */
export function readSources(
  value: unknown,
  report: Report,
  env: (name: string) => string | undefined,
  folder = '.',
): Source[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    report([], `sources is ${kindOf(value)}; allowed is a list of sources`);
    return [];
  }
  const names = new Set<string>();
  return value.flatMap((row: unknown, index) => {
    const inside: Report = (path, message) => report([index, ...path], message);
    const source = readSource(row, inside, { env, folder });
    // Also of a row that has another mistake.
    const name = nameOf(row);
    if (name !== undefined && names.has(name)) inside(['name'], `${name} is there twice`);
    if (name !== undefined) names.add(name);
    return source === undefined ? [] : [source];
  });
}
