import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import proto from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { alertActivities } from '../../activities/alerts/activities.ts';
import type { AlertDeps } from '../../activities/alerts/alert-deps.ts';
import { startCities } from '../../activities/alerts/plan-alerts.ts';
import { createChannelHttp } from '../../adapters/channels/channel-http.ts';
import { channelKinds } from '../../adapters/channels/channel-kinds.ts';
import { createTablestoreStore } from '../../adapters/tablestore/tablestore-store.ts';
import { temporalAlertRuns } from '../../adapters/temporal/alert-runs.ts';
import { DEFAULT_CONDITION } from '../../domain/alerts/condition.ts';
import { addDays, localDay, wallTimeInstant } from '../../domain/alerts/local-time.ts';
import type { SubscriptionDocument } from '../../domain/alerts/subscription.ts';
import { tableDefinitions } from '../../domain/table-definitions.ts';
import { alertSignals, taskQueues } from '../../domain/temporal-contract.ts';
import type { DayForecast } from '../../domain/weather/forecast.ts';
import type { ReceivedMessage } from '../../local/channels/received-messages.ts';
import { serveChannels } from '../../local/channels/server.ts';
import { openLocalDatabase } from '../../local/database.ts';
import { createInitialTables } from '../../local/tablestore/initial-tables.ts';
import { serveTablestore } from '../../local/tablestore/server.ts';
import { channelsTable, deliveriesTable, subscriptionsTable } from '../../ports/alert-tables.ts';
import type { ChannelSettings } from '../../ports/channel.ts';
import type { EmittedEvent } from '../../ports/event-sink.ts';
import { freshnessTable, weatherTable } from '../../ports/weather-tables.ts';
import { createLog } from '../../runtime/log.ts';
import { silenceTemporal } from './test-worker.ts';
import { startTimeSkippingServer } from './time-skipping-server.ts';
import { until } from './until.ts';

const { EventType } = proto.temporal.api.enums.v1;

/** After one of these events, a worker has something to do. */
const BUSY_EVENTS: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EventType.EVENT_TYPE_TIMER_FIRED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
]);

const INSTANCE = 'sluice-local';
const ACCOUNT = { keyId: 'local', secret: 'local-secret' };
const SHANGHAI = 'Asia/Shanghai';
const bundle = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));

/** What happens when a run refreshes a place: it may write a new forecast. A rejection is a failure of the provider. */
export type Refresh = (adcode: string) => Promise<void>;

/**
 * Starts Temporal's time-skipping server, a local Tablestore and local channels, and a worker for the alerts, all in the
 * test's process. Returns undefined if Java or Maven is missing.
 */
export async function startAlertSimulation() {
  const server = await startTimeSkippingServer();
  if (server === undefined) return undefined;
  silenceTemporal();
  const dir = mkdtempSync(join(tmpdir(), 'sluice-alerts-'));
  const database = openLocalDatabase(dir);
  const log = createLog('test', 'silent');
  const tablestore = await serveTablestore({
    database,
    credentials: ACCOUNT,
    instance: INSTANCE,
    port: 0,
    log,
  });
  const endpoint = `http://127.0.0.1:${tablestore.port}`;
  await createInitialTables(endpoint, INSTANCE, ACCOUNT, tableDefinitions);
  const credentials = () => ({ accessKeyId: ACCOUNT.keyId, accessKeySecret: ACCOUNT.secret });
  const store = createTablestoreStore({ endpoint, instance: INSTANCE, credentials });
  const channels = await serveChannels({ port: 0, log });
  const origin = `http://127.0.0.1:${channels.port}`;
  const http = createChannelHttp([origin]);
  const connection = await NativeConnection.connect({ address: server.address });
  const events: EmittedEvent[] = [];
  const warnings: string[] = [];
  /** The time of the latest activity. */
  let simulated = 0;
  const deps: AlertDeps = {
    store,
    runs: temporalAlertRuns(server.client, () => simulated),
    events: { delivers: true, emit: async (event) => void events.push(event) },
    openChannel({ channelId, kind, sealed }) {
      const settings = JSON.parse(sealed) as ChannelSettings;
      const context = { http, privateOrigins: [origin], clock: () => Date.now() };
      const channel = channelKinds[kind]?.create(settings, context);
      if (channel === undefined) throw new Error(`no kind ${kind} for ${channelId}`);
      return { channel, keyword: settings.keyword };
    },
    createMissingTables: async () => [],
    deliveries: { inc: () => {} },
    log: { info: () => {}, warn: (_about, message) => void warnings.push(message) },
  };
  const activities = alertActivities(deps);
  const timed = Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [
      name,
      (task: { readonly now?: number }) => {
        simulated = Math.max(simulated, task.now ?? 0);
        return (run as (task: object) => Promise<unknown>)(task);
      },
    ]),
  );
  let refresh: Refresh = async () => {};
  const refreshed: string[] = [];

  const workers = [
    await Worker.create({
      ...{ connection, taskQueue: taskQueues.alerts, workflowBundle: { codePath: bundle } },
      ...{ activities: timed, debugMode: true, shutdownGraceTime: '1s' },
    }),
    await Worker.create({
      ...{ connection, taskQueue: taskQueues.weather, shutdownGraceTime: '1s' },
      activities: {
        async refreshBatch({ adcodes }: { readonly adcodes: readonly string[] }) {
          for (const adcode of adcodes) {
            refreshed.push(adcode);
            await refresh(adcode);
          }
        },
      },
    }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));

  /** The first day of the current story, in Shanghai. */
  let firstDay = '';
  const day = (number: number): string => addDays(firstDay, number);
  const at = (number: number, time: string, tz = SHANGHAI): number => wallTimeInstant(day(number), time, tz);

  const startCity = (adcode: string, date: string) =>
    server.client.workflow.signalWithStart('alertCity', {
      ...{ workflowId: `alert:${adcode}:${date}`, taskQueue: taskQueues.alerts },
      ...{ args: [{ adcode, date }], signal: alertSignals.subscriptionChanged },
    });
  const control = async (method: string, path: string, body?: object): Promise<void> => {
    const answer = await fetch(`${origin}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  /** Waits until each run waits for a timer or a signal. The time can skip before a worker takes a task. */
  const settle = async (): Promise<void> => {
    const ids = [
      ...[...started].flatMap((adcode) =>
        [0, 1, 2, 3, 4, 5].map((number) => `alert:${adcode}:${day(number)}`),
      ),
      ...[...channelIds].map((channelId) => `channel:${channelId}`),
    ];
    await until('all runs wait', async () => (await Promise.all(ids.map(isWaiting))).every(Boolean));
    // A run may have woken another one meanwhile.
    await until('all runs wait', async () => (await Promise.all(ids.map(isWaiting))).every(Boolean));
  };
  const isWaiting = async (workflowId: string): Promise<boolean> => {
    try {
      const { events } = await server.client.workflow.getHandle(workflowId).fetchHistory();
      return !BUSY_EVENTS.has(events?.at(-1)?.eventType ?? 0);
    } catch (error) {
      // The run does not exist.
      if ((error as { code?: unknown }).code === status.NOT_FOUND) return true;
      throw error;
    }
  };
  const skipToInstant = async (instant: number): Promise<void> => {
    await settle();
    await server.skipTo(instant);
    await settle();
  };
  const signalForecast = async (adcode: string, number: number, id: string): Promise<void> => {
    const event = { source: '/tablestore/sluice-local/weather', id };
    await server.client.workflow
      .getHandle(`alert:${adcode}:${day(number)}`)
      .signal(alertSignals.forecastChanged, { event, input: { date: day(number) } })
      .catch(() => {});
  };
  const started = new Set<string>();
  const channelIds = new Set<string>();
  let changes = 0;
  return {
    ...{ server, store, origin, events, warnings, refreshed, day, at, deps },
    /** Begins a story: it is eight o'clock in Shanghai of the next day, its day 0, and nothing was received. */
    async begin(): Promise<void> {
      if (firstDay !== '') await settle();
      firstDay = addDays(localDay(await server.now(), SHANGHAI), 1);
      await server.skipTo(at(0, '08:00'));
      refresh = async () => {};
      for await (const { key } of store.range(subscriptionsTable))
        await store.delete(subscriptionsTable, key);
      started.clear();
      channelIds.clear();
      for (const list of [events, warnings, refreshed]) list.length = 0;
      await control('POST', '/-/faults', { rules: [] });
      await control('DELETE', '/-/received');
    },
    async stop(): Promise<void> {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      http.close();
      store.close();
      await Promise.all([tablestore.close(0), channels.close(0)]);
      await database.close();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
    skipTo: (number: number, time: string, tz?: string) => skipToInstant(at(number, time, tz)),
    skipToInstant,
    onRefresh(next: Refresh): void {
      refresh = next;
    },
    async channel(
      channelId: string,
      settings: Partial<ChannelSettings> = {},
      columns: object = {},
    ): Promise<void> {
      channelIds.add(channelId);
      const url = `${origin}/robot/send?access_token=${channelId}`;
      const sealed = JSON.stringify({ url, ...settings });
      const base = { kind: 'dingtalk', name: channelId, locale: 'zh', sealed, version: 1n };
      await store.put(channelsTable, { channelId }, { ...base, ...columns });
    },
    /** Stores a subscription, and tells the run for day 1 about it, unless nothing runs at this time. */
    async subscribe(
      adcode: string,
      channelId: string,
      changes: Partial<SubscriptionDocument> = {},
      { isDown = false, columns = {} }: { isDown?: boolean; columns?: object } = {},
    ): Promise<string> {
      const subscriptionId = `${adcode}-${channelId}-${changes.at ?? ''}`;
      const document: SubscriptionDocument = {
        ...{ condition: DEFAULT_CONDITION, at: '20:00', tz: SHANGHAI, mode: 'alert', holidays: 'keep' },
        ...{ lateWindow: 'PT3H', correction: true, locale: 'zh', ...changes },
      };
      const now = BigInt(await server.now());
      started.add(adcode);
      await store.update(
        subscriptionsTable,
        { adcode, subscriptionId },
        { set: { channelid: channelId, document: JSON.stringify(document), createdat: now, ...columns } },
      );
      if (!isDown) await startCity(adcode, day(1));
      return subscriptionId;
    },
    /** Changes columns of a subscription, and tells the run for day 1 about it. */
    async change(subscriptionId: string, columns: object): Promise<void> {
      const adcode = subscriptionId.slice(0, 6);
      await store.update(subscriptionsTable, { adcode, subscriptionId }, { set: columns });
      await startCity(adcode, day(1));
    },
    /** Changes what the subscriber chose. */
    async changeDocument(subscriptionId: string, changes: Partial<SubscriptionDocument>): Promise<void> {
      const key = { adcode: subscriptionId.slice(0, 6), subscriptionId };
      const row = await store.get(subscriptionsTable, key);
      const document = { ...(JSON.parse(row?.columns.document ?? '{}') as object), ...changes };
      await store.update(subscriptionsTable, key, { set: { document: JSON.stringify(document) } });
      await startCity(key.adcode, day(1));
    },
    /** The daily pass, for days of the story. */
    async plan(numbers: readonly number[]): Promise<void> {
      const signal = AbortSignal.timeout(30_000);
      const options = { begin: undefined, onProgress: () => {}, signal };
      await startCities(deps, { dates: numbers.map(day) }, options);
    },
    /** Signals the open run of a place and day, as the shipped route does. */
    signalForecast,
    /** Writes a forecast, as a refresh does. A changed row signals the open run, as the shipped route does. */
    async forecast(adcode: string, number: number, weather: Partial<DayForecast>): Promise<void> {
      const now = new Date(await server.now()).toISOString();
      const date = day(number);
      const before = await store.get(weatherTable, { adcode, date });
      const { precipitationProbability: _, precipitationMm: __, date: ___, ...texts } = weather;
      const values = { week: '1', daytemp: '18', nighttemp: '11', daywind: '东', daypower: '≤3', ...texts };
      const revision = before === undefined ? 0n : (before.columns.revision ?? 0n) + 1n;
      const columns = { nightweather: '多云', ...values, provider: 'amap', revision, fetched: now };
      await store.put(weatherTable, { adcode, date }, columns);
      const issued = `${date} 07:00:00`;
      const freshness = {
        checked: now,
        outcome: 'ok',
        provider: 'amap',
        succeeded: now,
        succeededby: 'amap',
      };
      await store.put(freshnessTable, { adcode }, { ...freshness, issued });
      if (revision > 0n) await signalForecast(adcode, number, `change-${changes++}`);
    },
    /** The rows of a channel's ledger, by day and status. */
    async ledger(channelId: string) {
      const rows = [];
      for await (const { key, columns } of store.range(deliveriesTable, { prefix: { channelId } }))
        rows.push({ deliveryId: key.deliveryId, ...columns });
      return rows;
    },
    async received(): Promise<ReceivedMessage[]> {
      return (await (await fetch(`${origin}/received`)).json()) as ReceivedMessage[];
    },
    /** Sets faults of the channels; see docs. */
    channelFaults: (settings: object) => control('POST', '/-/faults', settings),
  };
}

export type AlertSimulation = NonNullable<Awaited<ReturnType<typeof startAlertSimulation>>>;
