import { Duration } from 'luxon';
import {
  ConfigError,
  type Environment,
  oneOf,
  port,
  readConfig,
  type Setting,
  secret,
  text,
  whole,
} from '../runtime/config.ts';
import { loadTablestoreConfig } from '../runtime/tablestore-config.ts';

export type ApiConfig = ReturnType<typeof loadApiConfig>;

const MINUTE_MS = 60_000;
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

/** A length of time in ms. */
const duration = (variable: string, fallback: number): Setting<number> => ({
  variable,
  allowed: 'an ISO 8601 duration from PT1M to P30D, such as PT7H',
  parse(value) {
    const ms = Duration.fromISO(value).toMillis();
    return ms >= MINUTE_MS && ms <= MONTH_MS ? ms : undefined;
  },
  fallback,
});

/** Several words, separated by white space or commas. */
const words = (value: string): string[] => value.split(/[\s,]+/).filter((word) => word !== '');

/** The api's settings; throws `ConfigError` naming every wrong one. */
export function loadApiConfig(env: Environment) {
  const problems: string[] = [];
  const own = told(problems, () =>
    readConfig(env, {
      port: port('PORT', 8081),
      /** An address to bind, or `loopback` for 127.0.0.1 and ::1. */
      host: text('SLUICE_HOST', '0.0.0.0'),
      /** Tokens of those who may look at runs; several at once, so that they can be rotated. */
      apiTokens: secret('SLUICE_API_TOKENS'),
      /** After so many ms without a success a forecast is called stale. */
      staleAfterMs: duration('WEATHER_STALE_AFTER', 7 * 60 * MINUTE_MS),
      /** A forecast whose issue is known, and so many ms old, is called stale, too. */
      issueStaleAfterMs: duration('WEATHER_ISSUE_STALE_AFTER', 24 * 60 * MINUTE_MS),
      /** Milliseconds on SIGTERM for which requests still are taken, while load balancers learn of it. */
      drainMs: whole('SLUICE_DRAIN_MS', 0, 0, 60_000),
      logLevel: oneOf('SLUICE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
    }),
  );
  const tablestore = told(problems, () => loadTablestoreConfig(env));
  if (own === undefined || tablestore === undefined) throw new ConfigError(problems);
  return { ...own, apiTokens: words(own.apiTokens), tablestore };
}

/** What `read` reads; undefined, and its problems told, where it throws `ConfigError`. */
function told<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** The settings from the environment of this process. */
export const apiConfig = (): ApiConfig => loadApiConfig(process.env);
