import { compilePattern, type Pattern, PatternError } from '../../domain/event-pattern.ts';
import type { Report } from './fields.ts';

/** Reads a pattern; where it has a mistake that is reported with its path within the pattern, and there is none. */
export function readMatch(value: unknown, report: Report): Pattern | undefined {
  try {
    return compilePattern(value);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    report(stepsOf(error.path), error.message);
    return undefined;
  }
}

/** The steps of a pattern's path, as in `data.oss["a b"][0].prefix`. */
const stepsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([\w-]+)/g)].map(([, index, quoted, word]) =>
    index === undefined ? (word ?? (JSON.parse(quoted ?? '""') as string)) : Number(index),
  );
