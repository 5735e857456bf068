import type { TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { weatherActivities } from '../../../activities/weather/activities.ts';
import { BudgetStore } from '../../../activities/weather/budget-store.ts';
import { CircuitBreakers } from '../../../activities/weather/circuit-breaker.ts';
import type { WeatherDeps } from '../../../activities/weather/weather-deps.ts';
import { createAmapProvider } from '../../../adapters/forecast/amap/amap-provider.ts';
import type { ProviderWithConnections } from '../../../adapters/forecast/provider-http.ts';
import { createTablestoreStore } from '../../../adapters/tablestore/tablestore-store.ts';
import { tableDefinitions } from '../../../domain/table-definitions.ts';
import type { CallLimits } from '../../../domain/weather/call-budget.ts';
import type { BatchResult, RefreshPlan } from '../../../domain/weather/refresh-run.ts';
import { serveAmap } from '../../../local/amap/server.ts';
import { createTablesApi } from '../../../ots/tables-api.ts';
import { createOtsTransport } from '../../../ots/transport.ts';
import { freshnessTable, weatherTable } from '../../../ports/weather-tables.ts';
import { createHttpClient } from '../../../runtime/http-client.ts';
import { createLog } from '../../../runtime/log.ts';
import { INSTANCE, KEY_ID, SECRET, startTablestore } from '../../local/tablestore/running-tablestore.ts';
import { amapControl } from '../../support/amap-control.ts';

const credentials = () => ({ accessKeyId: KEY_ID, accessKeySecret: SECRET });
const quiet = new DefaultLogger('ERROR', () => {});

/** The weather activities with local stand-ins of Tablestore and AMap over real sockets, without a Temporal server. */
export async function startWeatherFixture(t: TestContext, limits: CallLimits = { perSecond: 500 }) {
  const tablestore = await startTablestore();
  const transport = createOtsTransport({
    endpoint: tablestore.endpoint,
    instance: INSTANCE,
    credentials,
    http: createHttpClient({ maxConnections: 32 }),
  });
  for (const table of tableDefinitions) await createTablesApi(transport).create(table);
  transport.close();
  const log = createLog('test', 'silent');
  const amap = await serveAmap({ port: 0, log });
  const amapUrl = `http://127.0.0.1:${amap.port}`;
  const store = createTablestoreStore({ endpoint: tablestore.endpoint, instance: INSTANCE, credentials });
  const providers: ProviderWithConnections[] = [];
  t.after(async () => {
    store.close();
    for (const provider of providers) provider.close();
    await amap.close(0);
    await tablestore.stop();
  });

  const deps = (changes: { key?: string; limits?: CallLimits; clock?: () => number } = {}): WeatherDeps => {
    const clock = changes.clock ?? Date.now;
    const limited = changes.limits ?? limits;
    const provider = createAmapProvider({
      ...{ id: 'stand-in', key: changes.key ?? 'local', endpoint: amapUrl, timeoutMs: 5_000 },
    });
    providers.push(provider);
    const budgetStore = new BudgetStore(store, provider.id, limited, clock);
    const createMissingTables = async () => [];
    return {
      store,
      provider,
      limits: limited,
      budgetStore,
      createMissingTables,
      circuitBreakers: new CircuitBreakers(),
      log,
      clock,
    };
  };
  const control = amapControl(amapUrl);
  return {
    ...{ store, deps },
    faults: (...rules: readonly object[]) => control('POST', '/-/faults', { rules }),
    reissue: (request: object) => control('POST', '/-/faults/reissue', request),
    /** The calls that the stand-in has counted since the previous `calls()`. */
    async calls(): Promise<number> {
      const { total } = (await control('GET', '/-/calls')) as { total: number };
      await control('DELETE', '/-/calls');
      return total;
    },
    /** Runs a batch as a worker does. `details` are the heartbeat details of an earlier attempt. */
    refresh(
      weatherDeps: WeatherDeps,
      adcodes: readonly string[],
      run = 'run 1',
      { details, runId = run, spareCalls }: { details?: unknown; runId?: string; spareCalls?: number } = {},
    ) {
      const info = {
        workflowExecution: { workflowId: run, runId },
        ...(details === undefined ? {} : { heartbeatDetails: details }),
      };
      const environment = new MockActivityEnvironment(info, { logger: quiet });
      const heartbeats: unknown[] = [];
      environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
      const result: Promise<BatchResult> = environment.run(weatherActivities(weatherDeps).refreshBatch, {
        ...{ adcodes, run, spareCalls },
      });
      return Object.assign(result, { heartbeats, cancel: () => environment.cancel() });
    },
    plan: (weatherDeps: WeatherDeps): Promise<RefreshPlan> =>
      new MockActivityEnvironment(undefined, { logger: quiet }).run(
        weatherActivities(weatherDeps).planRefresh,
      ),
    async rows(adcode: string) {
      const rows = [];
      for await (const row of store.range(weatherTable, { prefix: { adcode } })) rows.push(row);
      return rows;
    },
    freshness: async (adcode: string) => (await store.get(freshnessTable, { adcode }))?.columns,
  };
}
