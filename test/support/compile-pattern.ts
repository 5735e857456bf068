import { type Dialect, type Pattern, parsePattern } from '../../domain/event-pattern.ts';

/** Returns a pattern that is ready to match. Throws its first mistake. */
export function compilePattern(pattern: unknown, dialect?: Dialect): Pattern {
  const { mistakes, ...parsed } = parsePattern(pattern, dialect);
  if (mistakes[0] !== undefined) throw mistakes[0];
  return parsed;
}
