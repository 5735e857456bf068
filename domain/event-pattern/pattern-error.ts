/** A mistake in a pattern, found when it is read; `path` leads to it, as in `data.oss.object.key[0].prefix`. */
export class PatternError extends Error {
  readonly path: string;

  constructor(path: string, problem: string, value: unknown) {
    super(`pattern ${path === '' ? '(whole)' : path}: ${problem}, got ${shown(value)}`);
    this.name = 'PatternError';
    this.path = path;
  }
}

/** The path of `key` inside `path`; keys that are no plain words are quoted. */
export function at(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Whether a value is a JSON object, not an array and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
