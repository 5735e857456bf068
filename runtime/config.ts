/** Settings from the environment: parsed once at the edge, every problem reported in one message. */
import * as v from 'valibot';
import { splitTokens } from './bearer-tokens.ts';
import { hideValue, notAllowed } from './schema.ts';

/** Raised with one line a problem; a process that meets it ends with exit code 2. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'a setting is wrong' : `${problems.length} settings are wrong`}:\n  ${problems.join('\n  ')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * One setting: its variable, and how its text becomes a value; `allowed` says what is accepted. `parse` answers
 * undefined for what is not, or throws `ConfigError` where it can say more.
 */
export interface Setting<T> {
  readonly variable: string;
  readonly allowed: string;
  readonly parse: (text: string) => T | undefined;
  readonly fallback: T | undefined;
  readonly required?: boolean;
  readonly secret?: boolean;
  /** What a message shows of a text, where not all of it may be seen. */
  readonly shown?: (text: string) => string;
  /** What an empty text means, where that is not the same as none. */
  readonly empty?: NonNullable<T>;
}

type Values<S extends Record<string, Setting<unknown>>> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Reads all settings, or throws one `ConfigError` that names every variable, value and what is allowed. */
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
  const { variable, allowed, secret, shown } = setting;
  if (text === '' && setting.empty !== undefined) return setting.empty;
  if (text === undefined || text === '') {
    if (setting.required) throw new ConfigError([`${variable} is not set; allowed: ${allowed}`]);
    return setting.fallback;
  }
  const value = setting.parse(text);
  if (value === undefined)
    throw new ConfigError([
      `${variable} ${notAllowed(shown?.(text) ?? text, allowed, secret ? hideValue : undefined)}`,
    ]);
  return value;
}

/** What each reads; throws one `ConfigError` with the problems of all that throw it. */
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

/** A setting that a schema makes of the variable's text. */
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

/** Free text. */
export const text = (variable: string, fallback: string): Setting<string> =>
  setting(variable, 'any text', v.string(), fallback);

/** Free text that may be left out. */
export const optionalText = (variable: string): Setting<string | undefined> =>
  setting(variable, 'any text', v.string());

/** A secret that may be left out; its value never appears in a message. */
export const secret = (variable: string, fallback = ''): Setting<string> => ({
  ...text(variable, fallback),
  secret: true,
});

/** Secrets that are valid at the same time, so that they can be rotated: separated by white space or commas. */
export const secrets = (variable: string): Setting<readonly string[]> => ({
  ...setting(variable, 'any text', v.pipe(v.string(), v.transform(splitTokens)), []),
  secret: true,
});

/** The text of a whole number between `min` and `max`. */
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

/** An http or https address as it is written; what may be a password in it is not shown. */
export const targetUrl = (variable: string): Setting<string | undefined> => ({
  ...setting(
    variable,
    'an http:// or https:// address; %, / and @ of a name and password in it are percent-encoded',
    httpUrl,
  ),
  shown: (value) => value.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'),
});

/** An http or https address, without a trailing slash. */
export const baseUrl = (variable: string): Setting<string | undefined> => ({
  ...targetUrl(variable),
  ...setting(
    variable,
    'an http:// or https:// address',
    v.pipe(
      httpUrl,
      v.transform((value) => value.replace(/\/+$/, '')),
    ),
  ),
});

/** One of a fixed set of words. */
export const oneOf = <T extends string>(variable: string, words: readonly T[], fallback: T): Setting<T> =>
  setting(variable, words.join(', '), v.picklist(words), fallback);

/** How much is logged. */
export const logLevel = oneOf('SLUICE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info');

/** An address to bind, or `loopback` for 127.0.0.1 and ::1. */
export const host = text('SLUICE_HOST', '0.0.0.0');
