import { checkPattern, type Pattern } from '../../domain/event-pattern.ts';
import type { Report } from './fields.ts';

/** Reads a pattern; every mistake is reported with its path within the pattern, and then there is none. */
export function readMatch(value: unknown, report: Report): Pattern | undefined {
  const { fields, mistakes } = checkPattern(value);
  // The path is told by the report, so the sentence need not begin with it.
  for (const { path, message } of mistakes) {
    const again = `pattern ${path === '' ? '(whole)' : path}: `;
    report(stepsOf(path), message.startsWith(again) ? message.slice(again.length) : message);
  }
  return mistakes.length === 0 ? { fields } : undefined;
}

/** The steps of a pattern's path, as in `data.oss["a b"][0].prefix`. */
const stepsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([\w-]+)/g)].map(([, index, quoted, word]) =>
    index === undefined ? (word ?? (JSON.parse(quoted ?? '""') as string)) : Number(index),
  );
