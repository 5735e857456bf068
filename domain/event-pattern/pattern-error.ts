import { ExactNumber, stringifyExactJson } from '../exact-json.ts';

/** Keys and indexes that lead to a value inside another. */
export type PathSteps = readonly (string | number)[];

/** A mistake in a pattern, found when it is parsed. `path` leads to it, as in `data.oss.object.key[0].prefix`. */
export class PatternError extends Error {
  readonly path: string;
  readonly steps: PathSteps;
  /** The problem, without the path. */
  readonly problem: string;

  constructor(steps: PathSteps, problem: string, value: unknown) {
    const path = pathText(steps);
    const whole = `${problem}, got ${shortJson(value)}`;
    super(`pattern ${path || '(whole)'}: ${whole}`);
    this.name = 'PatternError';
    this.path = path;
    this.steps = steps;
    this.problem = whole;
  }
}

/** Returns steps as a text, as in `data.key[0]["a b"]`. Keys that are not plain words are quoted. */
export const pathText = (steps: PathSteps): string =>
  steps.reduce<string>((path, step) => {
    if (path === '' && typeof step === 'string') return step;
    return typeof step === 'string' && /^[\w$-]+$/.test(step)
      ? `${path}.${step}`
      : `${path}[${JSON.stringify(step)}]`;
  }, '');

/** Checks whether a value is a JSON object: not an array, not a number and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/** Checks whether a value is a text, a number, a boolean or null. */
export const isScalar = (value: unknown): boolean =>
  value !== undefined && (value === null || typeof value !== 'object' || value instanceof ExactNumber);

/** Formats a value as JSON, shortened if it is long. */
export function shortJson(value: unknown): string {
  const text = stringifyExactJson(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
