import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Told of each mistake, with the path that leads to it. */
export type Report = (path: (string | number)[], message: string) => void;

/** Where values come from that are not in the file itself. */
export interface Surroundings {
  readonly env: (name: string) => string | undefined;
  /** The folder that relative file names start from. */
  readonly folder: string;
}

/** The fields of an object that somebody wrote; a wrong one is reported and read as empty. */
export class Fields {
  readonly #row: Readonly<Record<string, unknown>>;
  readonly #report: Report;

  constructor(row: Readonly<Record<string, unknown>>, report: Report) {
    this.#row = row;
    this.#report = report;
  }

  has(name: string): boolean {
    return this.#row[name] !== undefined;
  }

  raw(name: string): unknown {
    return this.#row[name];
  }

  /** Reports what is wrong with a field; with one that is missing, at the object. */
  wrong(name: string, message: string): void {
    this.#report(this.has(name) ? [name] : [], message);
  }

  /** Reports mistakes inside of a field. */
  inside(...path: (string | number)[]): Report {
    return (at, message) => this.#report([...path, ...at], message);
  }

  /** A text that fits; `allowed` is what a message says. A secret's value is in no message. */
  text(name: string, fits: (text: string) => boolean, allowed: string, secret = false): string {
    const value = this.#row[name];
    if (typeof value === 'string' && fits(value)) return value;
    const shown = value === undefined ? 'missing' : secret ? '(not shown)' : JSON.stringify(value);
    this.wrong(name, `${name} is ${shown}; allowed is ${allowed}`);
    return '';
  }

  /** A list of texts that fit, with at least one of them. */
  texts(name: string, fits: (text: string) => boolean, allowed: string): string[] {
    const value = this.#row[name];
    const isText = (item: unknown): item is string => typeof item === 'string' && fits(item);
    if (Array.isArray(value) && value.length > 0 && value.every(isText)) return value;
    this.wrong(name, `${name} is ${JSON.stringify(value) ?? 'missing'}; allowed is a list of ${allowed}`);
    return [];
  }

  /** A flag; absent means false. */
  flag(name: string): boolean {
    const value = this.#row[name];
    if (value !== undefined && typeof value !== 'boolean')
      this.wrong(name, `${name} is ${shown(value)}; allowed is true or false`);
    return value === true;
  }

  /** A file that can be read: its path, and what is in it. */
  file(name: string, folder: string): { path: string; content: Buffer } | undefined {
    const path = resolve(
      folder,
      this.text(name, (text) => text !== '', 'the path of a file'),
    );
    if (typeof this.#row[name] !== 'string' || this.#row[name] === '') return undefined;
    try {
      return { path, content: readFileSync(path) };
    } catch (error) {
      this.wrong(name, `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
      return undefined;
    }
  }
}

/** A value as a message shows it, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** What a value is, where a message must not show it since it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}

/** The name that a row of a list has, whatever else is wrong with it. */
export function nameOf(row: unknown): string | undefined {
  const name = typeof row === 'object' && row !== null && 'name' in row ? row.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** What `read` makes of an object's fields; undefined where it reported anything, or the object has other fields. */
export function readFields<T>(
  value: unknown,
  known: readonly string[],
  report: Report,
  read: (fields: Fields) => T | undefined,
): T | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report([], `is ${kindOf(value)}; allowed is an object with ${known.join(', ')}`);
    return undefined;
  }
  let sound = true;
  const wrong: Report = (path, message) => {
    sound = false;
    report(path, message);
  };
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) wrong([field], `unknown field; known are ${known.join(', ')}`);
  }
  const made = read(new Fields(value as Record<string, unknown>, wrong));
  return sound ? made : undefined;
}
