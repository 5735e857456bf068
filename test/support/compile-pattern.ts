import { type Pattern, parsePattern } from '../../domain/event-pattern.ts';

/** Returns a pattern that is ready to match. Throws its first mistake. */
export function compilePattern(pattern: unknown): Pattern {
  const { fields, mistakes } = parsePattern(pattern);
  if (mistakes[0] !== undefined) throw mistakes[0];
  return { fields };
}
