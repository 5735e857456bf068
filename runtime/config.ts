/** Settings from the environment: parsed once at the edge, every problem reported in one message. */

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
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const text = env[setting.variable];
    if (text === '' && setting.empty !== undefined) {
      values[name] = setting.empty;
      continue;
    }
    if (text === undefined || text === '') {
      if (setting.required) problems.push(`${setting.variable} is not set; allowed: ${setting.allowed}`);
      values[name] = setting.fallback;
      continue;
    }
    try {
      const value = setting.parse(text);
      if (value === undefined)
        problems.push(`${setting.variable} is ${shown(setting, text)}; allowed: ${setting.allowed}`);
      values[name] = value;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as Values<S>;
}

function shown({ secret, shown = (text) => text }: Setting<unknown>, text: string): string {
  return secret ? '(a secret, not shown)' : JSON.stringify(shown(text).slice(0, 200));
}

/** Free text. */
export const text = (variable: string, fallback: string): Setting<string> => ({
  variable,
  allowed: 'any text',
  parse: (value) => value,
  fallback,
});

/** Free text that may be left out. */
export const optionalText = (variable: string): Setting<string | undefined> => ({
  variable,
  allowed: 'any text',
  parse: (value) => value,
  fallback: undefined,
});

/** A secret that may be left out; its value never appears in a message. */
export const secret = (variable: string, fallback = ''): Setting<string> => ({
  ...text(variable, fallback),
  secret: true,
});

/** A whole number between `min` and `max`. */
export const whole = (variable: string, fallback: number, min: number, max: number): Setting<number> => ({
  variable,
  allowed: `a whole number from ${min} to ${max}`,
  parse: (value) => {
    const number = /^\d{1,15}$/.test(value.trim()) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  },
  fallback,
});

/** A TCP port. */
export const port = (variable: string, fallback: number): Setting<number> =>
  whole(variable, fallback, 0, 65_535);

/** An http or https address as it is written; what may be a password in it is not shown. */
export const target = (variable: string): Setting<string | undefined> => ({
  variable,
  allowed: 'an http:// or https:// address; %, / and @ of a name and password in it are percent-encoded',
  parse: (value) => (isHttp(value) ? value : undefined),
  fallback: undefined,
  shown: (value) => value.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1***@'),
});

/** An http or https address, without a trailing slash. */
export const url = (variable: string, fallback?: string): Setting<string | undefined> => ({
  ...target(variable),
  allowed: 'an http:// or https:// address',
  parse: (value) => (isHttp(value) ? value.replace(/\/+$/, '') : undefined),
  fallback,
});

function isHttp(value: string): boolean {
  try {
    const { protocol, username, password } = new URL(value);
    decodeURIComponent(`${username}:${password}`);
    return protocol === 'http:' || protocol === 'https:';
  } catch {
    return false;
  }
}

/** One of a fixed set of words. */
export const oneOf = <T extends string>(variable: string, words: readonly T[], fallback: T): Setting<T> => ({
  variable,
  allowed: words.join(', '),
  parse: (value) => words.find((word) => word === value),
  fallback,
});
