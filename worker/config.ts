import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { taskQueues } from '../domain/temporal-contract.ts';
import type { ProviderId } from '../domain/weather/forecast.ts';
import { channelKeys, channelOrigins } from '../runtime/channel-settings.ts';
import {
  baseUrl,
  ConfigError,
  type Environment,
  integer,
  logLevel,
  metricsTokens,
  optionalText,
  port,
  readConfig,
  type Setting,
  secret,
  setting,
  targetUrl,
  text,
} from '../runtime/config.ts';
import { keptDaysSettings } from '../runtime/kept-days.ts';
import { loadTablestoreConfig, type TablestoreConfig } from '../runtime/tablestore-config.ts';
import { zipNameSettings } from '../runtime/zip-name-settings.ts';

const PROVIDERS: readonly ProviderId[] = ['amap', 'open-meteo', 'stand-in'];

/** A setting for how often a provider may be called. `unlimited` is for paid plans. */
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

/** The settings of the weather job. Without a provider this worker does not run the weather job. */
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

export type TaskQueue = (typeof taskQueues)[keyof typeof taskQueues];

const QUEUES: readonly TaskQueue[] = Object.values(taskQueues);

/** The task queues that a worker serves. Undefined: all queues whose jobs are configured. */
const queuesSetting: Setting<readonly TaskQueue[] | undefined> = setting(
  'SLUICE_QUEUES',
  `one or more of ${QUEUES.join(', ')}, separated by commas`,
  v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map((queue) => queue.trim())),
    v.array(v.picklist(QUEUES)),
  ),
);

export type WorkerConfig = ReturnType<typeof loadWorkerConfig>;

/** Reads the worker's settings. Throws `ConfigError`, which names every invalid setting. */
export function loadWorkerConfig(env: Environment) {
  const { queues } = readConfig(env, { queues: queuesSetting });
  const required = queues === undefined || queues.includes(taskQueues.unzip);
  const { deploymentName, buildId, ...config } = readConfig(env, {
    queues: queuesSetting,
    /** The Worker Deployment version. Kubernetes controllers for Temporal set these variables. */
    deploymentName: optionalText('TEMPORAL_DEPLOYMENT_NAME'),
    buildId: optionalText('TEMPORAL_WORKER_BUILD_ID'),
    /** The port of `/livez`, `/readyz` and `/metrics`. */
    port: port('PORT', 8083),
    /** The address to listen on, or `loopback` for 127.0.0.1 and ::1. */
    host: text('SLUICE_HOST', '0.0.0.0'),
    ossEndpoint: { ...baseUrl('OSS_ENDPOINT'), required },
    ossAccessKeyId: { ...text('OSS_ACCESSKEYID', ''), required },
    ossAccessKeySecret: { ...secret('OSS_ACCESSKEYSECRET'), required },
    ossSecurityToken: secret('OSS_SECURITY_TOKEN'),
    scratch: text('SLUICE_SCRATCH', join(process.cwd(), '.sluice', 'scratch')),
    /** The maximum number of parts on the scratch disk. */
    parts: integer('SLUICE_PARTS', 4, 1, 64),
    /** The maximum number of concurrent writes to the store. */
    uploads: integer('SLUICE_UPLOADS', 64, 1, 1_000),
    ...zipNameSettings,
    eventsSink: baseUrl('SLUICE_EVENTS_SINK'),
    knativeSink: targetUrl('K_SINK'),
    ...weatherSettings,
    channelKeys,
    channelOrigins,
    ...keptDaysSettings,
    identity: optionalText('SLUICE_IDENTITY'),
    metricsTokens,
    logLevel,
  });
  if ((deploymentName === undefined) !== (buildId === undefined))
    throw new ConfigError([
      'TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID must be set together, or neither of them',
    ]);
  const deployment =
    deploymentName === undefined || buildId === undefined ? undefined : { deploymentName, buildId };
  return { ...config, deployment };
}

/** Reads the settings from the environment of this process. */
export const workerConfig = (): WorkerConfig => loadWorkerConfig(process.env);

/** Reads the settings of Tablestore, if it is configured. Throws `ConfigError`. */
export const loadWorkerTablestoreConfig = (env: Environment = process.env): TablestoreConfig | undefined =>
  env.TABLESTORE_ENDPOINT || env.ALITABLESTORE ? loadTablestoreConfig(env) : undefined;

/** Creates the scratch folder. If this fails, throws an error with the reason. */
export function createScratchFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(
      `cannot create the scratch folder ${path} (${code}); set SLUICE_SCRATCH to a folder on a writable disk`,
    );
  }
}
