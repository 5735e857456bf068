import { Duration } from 'luxon';
import * as v from 'valibot';
import { channelKeys, channelOrigins } from '../runtime/channel-settings.ts';
import {
  type Environment,
  host,
  integer,
  logLevel,
  metricsTokens,
  oneOf,
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

/** A setting for a duration. The value is in ms. */
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

/** Reads the api's settings. Throws `ConfigError` with all wrong settings. */
export function loadApiConfig(env: Environment) {
  const { own, tablestore } = readAll({
    own: () =>
      readConfig(env, {
        port: port('PORT', 8081),
        host,
        /** Tokens for reading and changing. */
        apiTokens: secrets('SLUICE_API_TOKENS'),
        /** Tokens for reading only. */
        apiReadTokens: secrets('SLUICE_API_READ_TOKENS'),
        /** `on`: with SLUICE_HOST=loopback, reading needs no token. */
        openReads: oneOf('SLUICE_API_OPEN_READS', ['on', 'off'], 'off'),
        ...{ channelKeys, channelOrigins },
        /** A forecast is stale after this time without a successful check, in ms. */
        staleAfterMs: durationSetting('WEATHER_STALE_AFTER', 7 * 60 * MINUTE_MS),
        /** A forecast is stale if its report time is older than this, in ms. */
        issueStaleAfterMs: durationSetting('WEATHER_ISSUE_STALE_AFTER', 24 * 60 * MINUTE_MS),
        /** How long requests are accepted after SIGTERM, while load balancers stop sending, in ms. */
        drainMs: integer('SLUICE_DRAIN_MS', 0, 0, 60_000),
        metricsTokens,
        logLevel,
      }),
    tablestore: () => loadTablestoreConfig(env),
  });
  return { ...own, tablestore };
}

/** Reads the settings from the environment of this process. */
export const apiConfig = (): ApiConfig => loadApiConfig(process.env);
