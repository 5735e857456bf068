/** Settings from the environment. They are parsed once at start, and one error reports all problems. */

import * as v from 'valibot';
import { trimEndOf } from '../domain/trim-characters.ts';
import { splitTokens } from './bearer-tokens.ts';
import { hideValue, notAllowed } from './schema.ts';

/** Thrown with one line per problem. The process then exits with code 2. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'a setting is invalid' : `${problems.length} settings are invalid`}:\n  ${problems.join('\n  ')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * One setting: its variable and how to parse its text. `allowed` describes the allowed values. `parse` returns
 * undefined for an invalid text, or throws `ConfigError` with a more precise message.
 */
export interface Setting<T> {
  readonly variable: string;
  readonly allowed: string;
  readonly parse: (text: string) => T | undefined;
  readonly fallback: T | undefined;
  readonly required?: boolean;
  readonly secret?: boolean;
  /** Returns the text for messages. Present if parts of the text must be hidden. */
  readonly forMessage?: (text: string) => string;
  /** The value of an empty text, if it differs from the value of an unset variable. */
  readonly empty?: NonNullable<T>;
}

type Values<S extends Record<string, Setting<unknown>>> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Reads all settings. Throws one `ConfigError` that names every invalid variable, its value and what is allowed. */
export function readConfig<S extends Record<string, Setting<unknown>>>(
  env: Environment,
  settings: S,
): Values<S> {
  const reads = Object.entries(settings).map(
    ([name, setting]) => [name, () => readSetting(setting, env[setting.variable])] as const,
  );
  return Object.freeze(readAll(Object.fromEntries(reads))) as Values<S>;
}

function readSetting(setting: Setting<unknown>, text: string | undefined): unknown {
  const { variable, allowed, secret, forMessage } = setting;
  if (text === '' && setting.empty !== undefined) return setting.empty;
  if (text === undefined || text === '') {
    if (setting.required) throw new ConfigError([`${variable} is not set; allowed: ${allowed}`]);
    return setting.fallback;
  }
  const value = setting.parse(text);
  if (value === undefined)
    throw new ConfigError([
      `${variable} ${notAllowed(forMessage?.(text) ?? text, allowed, secret ? hideValue : undefined)}`,
    ]);
  return value;
}

/** Calls all functions and returns their results. If some throw a `ConfigError`, throws one with all their problems. */
export function readAll<R extends Readonly<Record<string, () => unknown>>>(
  reads: R,
): { readonly [K in keyof R]: ReturnType<R[K]> } {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(reads))
    try {
      values[name] = read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as { readonly [K in keyof R]: ReturnType<R[K]> };
}

/** A setting whose text is parsed by a schema. */
export const setting = <T, F extends T | undefined = undefined>(
  variable: string,
  allowed: string,
  schema: v.GenericSchema<string, T>,
  fallback?: F,
): Setting<T | F> => ({
  ...{ variable, allowed, fallback },
  parse: (value) => {
    const { success, output } = v.safeParse(schema, value);
    return success ? output : undefined;
  },
});

/** Any text. */
export const text = (variable: string, fallback: string): Setting<string> =>
  setting(variable, 'any text', v.string(), fallback);

/** Any text, optional. */
export const optionalText = (variable: string): Setting<string | undefined> =>
  setting(variable, 'any text', v.string());

/** An optional secret. Its value never appears in a message. */
export const secret = (variable: string, fallback = ''): Setting<string> => ({
  ...text(variable, fallback),
  secret: true,
});

/**
 * Secrets, separated by white space or commas. All are valid at the same time, so that they can be rotated.
 */
export const secrets = (variable: string): Setting<readonly string[]> => ({
  ...setting(variable, 'any text', v.pipe(v.string(), v.transform(splitTokens)), []),
  secret: true,
});

/** Parses the text of a whole number between `min` and `max`. */
export const integerText = (min: number, max: number) =>
  v.pipe(v.string(), v.trim(), v.regex(/^\d{1,15}$/), v.transform(Number), v.minValue(min), v.maxValue(max));

/** A whole number between `min` and `max`. */
export const integer = (variable: string, fallback: number, min: number, max: number): Setting<number> =>
  setting(variable, `a whole number from ${min} to ${max}`, integerText(min, max), fallback);

/** A TCP port. */
export const port = (variable: string, fallback: number): Setting<number> =>
  integer(variable, fallback, 0, 65_535);

const httpUrl = v.pipe(
  v.string(),
  v.check((value) => {
    try {
      const { protocol, username, password } = new URL(value);
      decodeURIComponent(`${username}:${password}`);
      return protocol === 'http:' || protocol === 'https:';
    } catch {
      return false;
    }
  }),
);

/** An http or https address, unchanged. Messages hide everything before `@`, because it may contain a password. */
export const targetUrl = (variable: string): Setting<string | undefined> => ({
  ...setting(
    variable,
    'an http:// or https:// address; percent-encode %, / and @ in a name and password',
    httpUrl,
  ),
  forMessage: (value) => value.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'),
});

/** An http or https address, without a trailing slash. */
export const baseUrl = (variable: string): Setting<string | undefined> => ({
  ...targetUrl(variable),
  ...setting(
    variable,
    'an http:// or https:// address',
    v.pipe(
      httpUrl,
      v.transform((value) => trimEndOf(value, '/')),
    ),
  ),
});

/** One of a fixed set of words. */
export const oneOf = <T extends string>(variable: string, values: readonly T[], fallback: T): Setting<T> =>
  setting(variable, values.join(', '), v.picklist(values), fallback);

/** The minimum level of the logged entries. */
export const logLevel = oneOf('SLUICE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info');

/** Tokens for `GET /metrics`. Without tokens, everybody may read the metrics. */
export const metricsTokens = secrets('SLUICE_METRICS_TOKENS');

/** An address to bind, or `loopback` for 127.0.0.1 and ::1. */
export const host = text('SLUICE_HOST', '0.0.0.0');
