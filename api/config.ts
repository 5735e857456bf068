import { Duration } from 'luxon';
import * as v from 'valibot';
import {
  type Environment,
  host,
  integer,
  logLevel,
  port,
  readAll,
  readConfig,
  type Setting,
  secrets,
  setting,
} from '../runtime/config.ts';
import { loadTablestoreConfig } from '../runtime/tablestore-config.ts';

export type ApiConfig = ReturnType<typeof loadApiConfig>;

const MINUTE_MS = 60_000;
const MONTH_MS = 30 * 24 * 60 * MINUTE_MS;

/** A length of time in ms. */
const durationSetting = (variable: string, fallback: number): Setting<number> =>
  setting(
    variable,
    'an ISO 8601 duration from PT1M to P30D, such as PT7H',
    v.pipe(
      v.string(),
      v.transform((value) => Duration.fromISO(value).toMillis()),
      v.minValue(MINUTE_MS),
      v.maxValue(MONTH_MS),
    ),
    fallback,
  );

/** The api's settings; throws `ConfigError` naming every wrong one. */
export function loadApiConfig(env: Environment) {
  const { own, tablestore } = readAll({
    own: () =>
      readConfig(env, {
        port: port('PORT', 8081),
        host,
        /** Tokens of those who may look at runs. */
        apiTokens: secrets('SLUICE_API_TOKENS'),
        /** After so many ms without a success a forecast is called stale. */
        staleAfterMs: durationSetting('WEATHER_STALE_AFTER', 7 * 60 * MINUTE_MS),
        /** A forecast whose issue is known, and so many ms old, is called stale, too. */
        issueStaleAfterMs: durationSetting('WEATHER_ISSUE_STALE_AFTER', 24 * 60 * MINUTE_MS),
        /** Milliseconds on SIGTERM for which requests still are taken, while load balancers learn of it. */
        drainMs: integer('SLUICE_DRAIN_MS', 0, 0, 60_000),
        logLevel,
      }),
    tablestore: () => loadTablestoreConfig(env),
  });
  return { ...own, tablestore };
}

/** The settings from the environment of this process. */
export const apiConfig = (): ApiConfig => loadApiConfig(process.env);
