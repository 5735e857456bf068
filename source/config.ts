import * as v from 'valibot';
import {
  ConfigError,
  type Environment,
  host,
  integer,
  integerText,
  logLevel,
  metricsTokens,
  oneOf,
  port,
  readAll,
  readConfig,
  type Setting,
  setting,
  targetUrl,
  text,
} from '../runtime/config.ts';
import { loadTablestoreConfig } from '../runtime/tablestore-config.ts';
import { keyAttributesSetting, overridesSetting } from './attribute-settings.ts';
import { certificatesSetting } from './ca-certificates.ts';

export type SourceConfig = ReturnType<typeof loadSourceConfig>;

const HOUR_MS = 3_600_000;

/** Where a new tunnel starts in the stream: now, at the oldest change that is kept, or at a time (epoch ms). */
const startSetting = (variable: string): Setting<'latest' | 'earliest' | number> =>
  setting(
    variable,
    'latest, earliest, or a time such as 2026-11-22T08:00:00Z',
    v.union([
      v.picklist(['latest', 'earliest']),
      v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT/), v.transform(Date.parse), v.number()),
    ]),
    'latest',
  );

/** The service counts a client's timeout in whole seconds. */
const timeoutSetting = (variable: string): Setting<number> =>
  setting(
    variable,
    'milliseconds from 1000 to 600000, a multiple of 1000',
    v.pipe(integerText(1_000, 600_000), v.multipleOf(1_000)),
    60_000,
  );

/** Reads the source's settings. Throws one `ConfigError` that names every invalid setting. */
export function loadSourceConfig(env: Environment) {
  const { own, tablestore } = readAll({
    own: () => {
      const settings = readSettings(env);
      const found = findContradictions(settings);
      if (found.length > 0) throw new ConfigError(found);
      return settings;
    },
    tablestore: () => loadTablestoreConfig(env),
  });
  return { ...own, tablestore };
}

function readSettings(env: Environment) {
  return readConfig(env, {
    table: text('SOURCE_TABLE', 'weather'),
    tunnel: text('SOURCE_TUNNEL', 'sluice'),
    extensions: keyAttributesSetting('SOURCE_EXTENSIONS', 'adcode,date'),
    start: startSetting('SOURCE_START'),
    /** If `on`, the source also emits events for rows that existed before the tunnel, marked as base data. */
    base: oneOf('SOURCE_BASE', ['off', 'on'], 'off'),
    streamHours: integer('SOURCE_STREAM_HOURS', 168, 1, 168),
    heartbeatMs: integer('SOURCE_HEARTBEAT_MS', 10_000, 100, 60_000),
    timeoutMs: timeoutSetting('SOURCE_TIMEOUT_MS'),
    /**
     * The longest pause between two reads of an idle channel. The next change is delayed by at most this time.
     */
    pollMs: integer('SOURCE_POLL_MS', 5_000, 20, 60_000),
    parallel: integer('SOURCE_PARALLEL', 16, 1, 256),
    sendMs: integer('SOURCE_SEND_MS', 10_000, 100, 120_000),
    tries: integer('SOURCE_TRIES', 10, 1, 1_000_000),
    deadLetterSink: targetUrl('SOURCE_DEAD_LETTER_SINK'),
    longestLagMs: integer('SOURCE_LONGEST_LAG_MS', 12 * HOUR_MS, 1_000, 168 * HOUR_MS),
    drainMs: integer('SOURCE_DRAIN_MS', 15_000, 0, 300_000),
    sink: { ...targetUrl('K_SINK'), required: true },
    overrides: overridesSetting('K_CE_OVERRIDES'),
    caCerts: certificatesSetting('K_CA_CERTS'),
    tokenFile: text('SOURCE_OIDC_TOKEN_FILE', '/oidc/token'),
    port: port('PORT', 8082),
    host,
    metricsTokens,
    logLevel,
  });
}

/** Returns one message for each combination of settings that is not allowed. */
function findContradictions({ timeoutMs, heartbeatMs, overrides, extensions }: Settings): string[] {
  const found: string[] = [];
  if (timeoutMs < 2 * heartbeatMs)
    found.push(
      `SOURCE_TIMEOUT_MS is ${timeoutMs}; allowed: at least twice SOURCE_HEARTBEAT_MS, which is ${heartbeatMs}`,
    );
  for (const name of Object.keys(overrides))
    if (extensions.has(name))
      found.push(
        `K_CE_OVERRIDES sets attribute "${name}", which SOURCE_EXTENSIONS also sets from a key column; allowed: only one of them`,
      );
  return found;
}

type Settings = ReturnType<typeof readSettings>;

/** Reads the settings from this process's environment. */
export const sourceConfig = (): SourceConfig => loadSourceConfig(process.env);
