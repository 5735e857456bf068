import { BudgetStore } from '../activities/weather/budget-store.ts';
import { CircuitBreakers } from '../activities/weather/circuit-breaker.ts';
import type { WeatherDeps } from '../activities/weather/weather-deps.ts';
import { createAmapProvider } from '../adapters/forecast/amap/amap-provider.ts';
import { createOpenMeteoProvider } from '../adapters/forecast/open-meteo/open-meteo-provider.ts';
import type { ProviderWithConnections } from '../adapters/forecast/provider-http.ts';
import { createMissingTables } from '../adapters/tablestore/create-missing-tables.ts';
import { createTablestoreStore } from '../adapters/tablestore/tablestore-store.ts';
import { configuredTables } from '../domain/table-definitions.ts';
import type { CallLimits } from '../domain/weather/call-budget.ts';
import type { ProviderId } from '../domain/weather/forecast.ts';
import { freeTierLimits } from '../domain/weather/providers.ts';
import { ConfigError } from '../runtime/config.ts';
import type { Log } from '../runtime/log.ts';
import type { TablestoreConfig } from '../runtime/tablestore-config.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import type { WorkerConfig } from './config.ts';

/** The dependencies that the weather activities have in production, with a function that closes them. */
export interface CloseableWeatherDeps {
  readonly deps: WeatherDeps;
  close(): void;
}

/**
 * Creates the dependencies of the weather activities. If the weather job is not configured, returns the reason. Then
 * this worker does not run the job.
 * @throws ConfigError if the job is configured, but lacks a required setting
 */
export function createWeatherDeps(
  config: WorkerConfig,
  tablestore: TablestoreConfig | undefined,
  log: Log,
): CloseableWeatherDeps | string {
  const id = config.weatherProvider ?? (config.amapKey === '' ? undefined : 'amap');
  if (id === undefined) return 'neither WEATHER_PROVIDER nor AMAP_KEY is set';
  if (tablestore === undefined && config.weatherProvider === undefined)
    return 'TABLESTORE_ENDPOINT is not set';
  const missing = [
    ...(tablestore === undefined ? ['TABLESTORE_ENDPOINT'] : []),
    ...(id === 'amap' && config.amapKey === '' ? ['AMAP_KEY'] : []),
  ];
  if (tablestore === undefined || missing.length > 0)
    throw new ConfigError(missing.map((name) => `${name} must be set if WEATHER_PROVIDER is ${id}`));
  const { endpoint = '', instance } = tablestore;
  const credentials = tablestoreCredentials(tablestore, (message) => log.warn(message));
  const settings = { endpoint, instance, credentials };
  const store = createTablestoreStore(settings);
  const provider = createProvider(id, config);
  const limits = callLimits(id, config);
  const clock = Date.now;
  return {
    deps: {
      ...{ store, provider, limits, log, clock, circuitBreakers: new CircuitBreakers() },
      createMissingTables: () => createMissingTables(settings, configuredTables(config)),
      budgetStore: new BudgetStore(store, id, limits, clock),
    },
    close() {
      store.close();
      provider.close();
    },
  };
}

function createProvider(id: ProviderId, config: WorkerConfig): ProviderWithConnections {
  const { amapKey, amapSecret, amapEndpoint, openMeteoEndpoint, openMeteoKey } = config;
  if (id === 'open-meteo')
    return createOpenMeteoProvider({
      ...(openMeteoEndpoint === undefined ? {} : { endpoint: openMeteoEndpoint }),
      ...(openMeteoKey === '' ? {} : { apiKey: openMeteoKey }),
    });
  return createAmapProvider({
    ...{ id, key: amapKey },
    ...(amapEndpoint === undefined ? {} : { endpoint: amapEndpoint }),
    ...(amapSecret === '' ? {} : { signSecret: amapSecret }),
  });
}

function callLimits(
  id: ProviderId,
  { callsPerMinute, callsPerDay, callsPerMonth }: WorkerConfig,
): CallLimits {
  const free = freeTierLimits[id];
  return {
    perSecond: callsPerMinute === undefined ? free.perSecond : Math.min(callsPerMinute / 60, 1_000),
    perDay: callsPerDay ?? free.perDay,
    perMonth: callsPerMonth ?? free.perMonth,
  };
}
