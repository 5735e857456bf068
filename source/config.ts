import {
  ConfigError,
  type Environment,
  oneOf,
  optionalText,
  port,
  readConfig,
  type Setting,
  text,
  url,
  whole,
} from '../runtime/config.ts';
import { loadTablestoreConfig } from '../runtime/tablestore-config.ts';

export type SourceConfig = ReturnType<typeof loadSourceConfig>;

const HOUR_MS = 3_600_000;

/** A CloudEvents attribute's name. */
const ATTRIBUTE = /^[a-z0-9]{1,20}$/;

/** Names that events have anyway. */
const TAKEN = new Set(
  'id source type subject time specversion datacontenttype data partitionkey sequence basedata sluiceerror'.split(
    ' ',
  ),
);

/** Columns by the attribute that each becomes: the column's name in lower case. */
const extensions = (variable: string, fallback: string): Setting<ReadonlyMap<string, string>> => {
  const parse = (value: string): ReadonlyMap<string, string> | undefined => {
    const columns = value.split(',').map((column) => column.trim());
    const map = new Map(columns.map((column) => [column.toLowerCase(), column]));
    const good = [...map.keys()].every((name) => ATTRIBUTE.test(name) && !TAKEN.has(name));
    return good && map.size === columns.length ? map : undefined;
  };
  return {
    ...{ variable, parse, fallback: parse(fallback) },
    allowed:
      'key columns separated by commas, each of letters and digits, at most 20, and no attribute that is there anyway',
  };
};

/** `{"extensions": {…}}` as Knative writes it; empty for none. */
const overrides = (variable: string): Setting<Readonly<Record<string, string>>> => ({
  variable,
  allowed: '{"extensions": {"name": "value"}} in JSON, names of lower-case letters and digits',
  parse(value) {
    try {
      const { extensions: given = {} } = JSON.parse(value) as { extensions?: Record<string, unknown> };
      const pairs = Object.entries(given ?? {});
      if (!pairs.every(([name, one]) => ATTRIBUTE.test(name) && typeof one === 'string')) return undefined;
      return Object.fromEntries(pairs) as Record<string, string>;
    } catch {
      return undefined;
    }
  },
  fallback: {},
});

/** Where a stream begins that is not there yet: now, at what is kept, or at a time (epoch ms). */
const start = (variable: string): Setting<'latest' | 'earliest' | number> => ({
  variable,
  allowed: 'latest, earliest, or a time such as 2026-11-22T08:00:00Z',
  parse(value) {
    if (value === 'latest' || value === 'earliest') return value;
    const at = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  },
  fallback: 'latest',
});

/** The source's settings; throws `ConfigError` naming every wrong one. */
export function loadSourceConfig(env: Environment) {
  const config = readConfig(env, {
    table: text('SOURCE_TABLE', 'weather'),
    tunnel: text('SOURCE_TUNNEL', 'sluice'),
    extensions: extensions('SOURCE_EXTENSIONS', 'adcode,date'),
    start: start('SOURCE_START'),
    /** Whether rows that are there already are told of, too, flagged as such. */
    base: oneOf('SOURCE_BASE', ['off', 'on'], 'off'),
    streamHours: whole('SOURCE_STREAM_HOURS', 168, 1, 168),
    heartbeatMs: whole('SOURCE_HEARTBEAT_MS', 10_000, 100, 60_000),
    timeoutMs: whole('SOURCE_TIMEOUT_MS', 60_000, 1_000, 600_000),
    /** How long a channel without changes rests at most; also how late the first change after a rest may be seen. */
    pollMs: whole('SOURCE_POLL_MS', 5_000, 20, 60_000),
    parallel: whole('SOURCE_PARALLEL', 16, 1, 256),
    sendMs: whole('SOURCE_SEND_MS', 10_000, 100, 120_000),
    tries: whole('SOURCE_TRIES', 10, 1, 1_000_000),
    deadLetterSink: url('SOURCE_DEAD_LETTER_SINK'),
    longestLagMs: whole('SOURCE_LONGEST_LAG_MS', 12 * HOUR_MS, 1_000, 168 * HOUR_MS),
    drainMs: whole('SOURCE_DRAIN_MS', 15_000, 0, 300_000),
    sink: { ...url('K_SINK'), required: true },
    overrides: overrides('K_CE_OVERRIDES'),
    caCerts: optionalText('K_CA_CERTS'),
    tokenFile: text('SOURCE_OIDC_TOKEN_FILE', '/oidc/token'),
    port: port('PORT', 8082),
    host: text('SLUICE_HOST', '0.0.0.0'),
    logLevel: oneOf('SLUICE_LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  });
  if (config.timeoutMs < 2 * config.heartbeatMs) {
    const found = `SOURCE_TIMEOUT_MS is ${config.timeoutMs}; allowed: at least twice SOURCE_HEARTBEAT_MS, which is ${config.heartbeatMs}`;
    throw new ConfigError([found]);
  }
  return { ...config, tablestore: loadTablestoreConfig(env) };
}

/** The settings from the environment of this process. */
export const sourceConfig = (): SourceConfig => loadSourceConfig(process.env);
