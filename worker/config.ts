import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { ProviderId } from '../domain/weather/forecast.ts';
import {
  baseUrl,
  type Environment,
  integer,
  logLevel,
  oneOf,
  optionalText,
  port,
  readConfig,
  type Setting,
  secret,
  setting,
  targetUrl,
  text,
} from '../runtime/config.ts';
import { loadTablestoreConfig, type TablestoreConfig } from '../runtime/tablestore-config.ts';

/** Charsets that names may be in when an archive does not say; labels of the Encoding Standard, and CP437. */
const CHARSETS = [
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'cp866',
  'koi8-r',
  'cp437',
  'utf-8',
] as const;

const PROVIDERS: readonly ProviderId[] = ['amap', 'open-meteo', 'stand-in'];

/** How often a provider may be called; `unlimited` where its owner pays for it. */
const callsSetting = (variable: string): Setting<number | undefined> =>
  setting(
    variable,
    'a whole number above 0, or unlimited',
    v.pipe(
      v.string(),
      v.regex(/^([1-9]\d{0,8}|unlimited)$/),
      v.transform((text) => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text))),
    ),
  );

/** The settings of the weather job; without a provider it is not run by this worker. */
const weatherSettings = {
  weatherProvider: setting('WEATHER_PROVIDER', PROVIDERS.join(', '), v.picklist(PROVIDERS)),
  amapKey: secret('AMAP_KEY'),
  amapSecret: secret('AMAP_SECRET'),
  amapEndpoint: baseUrl('AMAP_ENDPOINT'),
  openMeteoEndpoint: baseUrl('OPEN_METEO_ENDPOINT'),
  openMeteoKey: secret('OPEN_METEO_KEY'),
  callsPerMinute: callsSetting('WEATHER_CALLS_PER_MINUTE'),
  callsPerDay: callsSetting('WEATHER_CALLS_PER_DAY'),
  callsPerMonth: callsSetting('WEATHER_CALLS_PER_MONTH'),
};

export type WorkerConfig = ReturnType<typeof loadWorkerConfig>;

/** The worker's settings; throws `ConfigError` naming every wrong one. */
export function loadWorkerConfig(env: Environment) {
  return readConfig(env, {
    /** For `/livez`, `/readyz` and `/metrics`. */
    port: port('PORT', 8083),
    /** An address to bind, or `loopback` for 127.0.0.1 and ::1. */
    host: text('SLUICE_HOST', '0.0.0.0'),
    ossEndpoint: { ...baseUrl('OSS_ENDPOINT'), required: true },
    ossAccessKeyId: { ...text('OSS_ACCESSKEYID', ''), required: true },
    ossAccessKeySecret: { ...secret('OSS_ACCESSKEYSECRET'), required: true },
    ossSecurityToken: secret('OSS_SECURITY_TOKEN'),
    scratch: text('SLUICE_SCRATCH', join(process.cwd(), '.sluice', 'scratch')),
    /** Parts on the scratch disk at a time. */
    parts: integer('SLUICE_PARTS', 4, 1, 64),
    /** Requests to the store at a time. */
    uploads: integer('SLUICE_UPLOADS', 64, 1, 1_000),
    zipCharset: oneOf('SLUICE_ZIP_CHARSET', CHARSETS, 'gb18030'),
    eventsSink: baseUrl('SLUICE_EVENTS_SINK'),
    knativeSink: targetUrl('K_SINK'),
    ...weatherSettings,
    identity: optionalText('SLUICE_IDENTITY'),
    logLevel,
  });
}

/** The environment of this process. */
export const workerConfig = (): WorkerConfig => loadWorkerConfig(process.env);

/** Tablestore, where it is named; throws `ConfigError`. */
export const loadWorkerTablestoreConfig = (env: Environment = process.env): TablestoreConfig | undefined =>
  env.TABLESTORE_ENDPOINT || env.ALITABLESTORE ? loadTablestoreConfig(env) : undefined;

/** Makes the scratch folder, or says in a sentence why it cannot be. */
export function createScratchFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(
      `the scratch folder ${path} cannot be made (${code}); set SLUICE_SCRATCH to a folder on a writable disk`,
    );
  }
}
