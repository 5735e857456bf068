/** Keys and indexes that lead to a place in a value. */
export type Steps = readonly (string | number)[];

/** A mistake in a pattern, found when it is read; `path` leads to it, as in `data.oss.object.key[0].prefix`. */
export class PatternError extends Error {
  readonly path: string;
  readonly steps: Steps;
  /** What is wrong there, without the path. */
  readonly problem: string;

  constructor(steps: Steps, problem: string, value: unknown) {
    const path = pathText(steps);
    const whole = `${problem}, got ${shown(value)}`;
    super(`pattern ${path || '(whole)'}: ${whole}`);
    this.name = 'PatternError';
    this.path = path;
    this.steps = steps;
    this.problem = whole;
  }
}

/** Steps as a text, as in `data.key[0]["a b"]`; keys that are no plain words are quoted. */
export const pathText = (steps: Steps): string =>
  steps.reduce<string>((path, step) => {
    if (path === '' && typeof step === 'string') return step;
    return typeof step === 'string' && /^[\w-]+$/.test(step)
      ? `${path}.${step}`
      : `${path}[${JSON.stringify(step)}]`;
  }, '');

/** Whether a value is a JSON object, not an array and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
