import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { alertActivities } from '../../activities/alerts/activities.ts';
import type { AlertDeps } from '../../activities/alerts/alert-deps.ts';
import { startCities } from '../../activities/alerts/plan-alerts.ts';
import { createChannelHttp } from '../../adapters/channels/channel-http.ts';
import { channelKinds } from '../../adapters/channels/channel-kinds.ts';
import { temporalAlertRuns } from '../../adapters/temporal/alert-runs.ts';
import { addDays, localDay, wallTimeInstant } from '../../domain/alerts/local-time.ts';
import { Unavailable } from '../../domain/errors.ts';
import { taskQueues } from '../../domain/temporal-contract.ts';
import type { ReceivedMessage } from '../../local/channels/received-messages.ts';
import { serveChannels } from '../../local/channels/server.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { Channel, ChannelSettings } from '../../ports/channel.ts';
import type { EmittedEvent } from '../../ports/event-sink.ts';
import { createLog } from '../../runtime/log.ts';
import { alertRows } from './alert-rows.ts';
import { isBusy } from './is-busy.ts';
import { startLocalStore } from './local-store.ts';
import { silenceTemporal } from './test-worker.ts';
import { startTimeSkippingServer } from './time-skipping-server.ts';
import { until } from './until.ts';

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
  const log = createLog('test', 'silent');
  const { store, stop: stopStore } = await startLocalStore();
  const channels = await serveChannels({ port: 0, log });
  const origin = `http://127.0.0.1:${channels.port}`;
  const http = createChannelHttp([origin]);
  const connection = await NativeConnection.connect({ address: server.address });
  const events: EmittedEvent[] = [];
  const warnings: string[] = [];
  /** Every attempt to send a message, in order. */
  const attempts: { readonly channelId: string; readonly at: number }[] = [];
  /** The settings of channels that have the simulated time. */
  let clocked: object | undefined;
  /** The time of the latest activity. */
  let simulated = 0;
  const isoOf = (instant: number): string => new Date(instant).toISOString();
  const control = async (method: string, path: string, body?: object): Promise<void> => {
    const answer = await fetch(`${origin}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  };
  const deps: AlertDeps = {
    store,
    runs: temporalAlertRuns(server.client, { clock: () => simulated }),
    events: { delivers: true, emit: async (event) => void events.push(event) },
    openChannel({ channelId, kind, sealed }) {
      const settings = JSON.parse(sealed) as ChannelSettings;
      const context = { http, privateOrigins: [origin], clock: () => Date.now() };
      const channel = channelKinds[kind]?.create(settings, context);
      if (channel === undefined) throw new Error(`no kind ${kind} for ${channelId}`);
      const send: Channel['send'] = async (message, signal) => {
        attempts.push({ channelId, at: simulated });
        if (clocked !== undefined) await control('POST', '/-/faults', { ...clocked, now: isoOf(simulated) });
        return await channel.send(message, signal);
      };
      return { channel: { ...channel, send }, keyword: settings.keyword };
    },
    createMissingTables: async () => [],
    clock: () => simulated,
    deliveryCounter: { inc: () => {} },
    log: { warn: (_about, message) => void warnings.push(message) },
  };
  /** Decides which calls of the store and of channels fail, as if the worker had died before or after them. */
  let failsNow = (): boolean => false;
  const mayFail = async <T>(call: () => Promise<T>): Promise<T> => {
    if (failsNow()) throw new Unavailable('Simulated', 'a failure before the call');
    const result = await call();
    if (failsNow()) throw new Unavailable('Simulated', 'a failure after the call');
    return result;
  };
  const failing: AlertDeps = {
    ...deps,
    store: {
      ...store,
      put: (...args) => mayFail(() => store.put(...args)),
      update: (...args) => mayFail(() => store.update(...args)),
      writeMany: (...args) => mayFail(() => store.writeMany(...args)),
    },
    runs: { ...deps.runs, wakeSender: (...args) => mayFail(() => deps.runs.wakeSender(...args)) },
  };
  const activities = alertActivities(failing);
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

  const started = new Set<string>();
  const channelIds = new Set<string>();
  const rows = alertRows({ store, origin, server, day, started, channelIds });
  /** Waits until each run waits for a timer or a signal. The time can skip before a worker takes a task. */
  const settle = async (): Promise<void> => {
    const ids = [
      ...[...started].flatMap((adcode) =>
        Array.from({ length: 10 }, (_, number) => `alert:${adcode}:${day(number)}`),
      ),
      ...[...channelIds].map((channelId) => `channel:${channelId}`),
    ];
    const allWait = async (): Promise<boolean> => {
      const now = await server.now();
      return (await Promise.all(ids.map((id) => isWaiting(id, now)))).every(Boolean);
    };
    await until('all runs wait', allWait);
    // A run may have woken another one meanwhile.
    await until('all runs wait', allWait);
  };
  const isWaiting = async (workflowId: string, now: number): Promise<boolean> => {
    try {
      const { events } = await server.client.workflow.getHandle(workflowId).fetchHistory();
      return !isBusy(events ?? [], now);
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
  return {
    ...{ server, store, origin, events, warnings, refreshed, attempts, day, at, deps },
    /**
     * Begins a story: it is 08:40 in Shanghai of the next day, its day 0, and nothing was received. A forecast of this time
     * is not too old at 20:00.
     */
    async begin(): Promise<void> {
      if (firstDay !== '') await settle();
      firstDay = addDays(localDay(await server.now(), SHANGHAI), 1);
      await server.skipTo(at(0, '08:40'));
      refresh = async () => {};
      for await (const { key } of store.range(subscriptionsTable))
        await store.delete(subscriptionsTable, key);
      started.clear();
      channelIds.clear();
      for (const list of [events, warnings, refreshed, attempts]) list.length = 0;
      clocked = undefined;
      failsNow = () => false;
      await control('POST', '/-/faults', { rules: [] });
      await control('DELETE', '/-/received');
    },
    async stop(): Promise<void> {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      http.close();
      await Promise.all([stopStore(), channels.close(0)]);
      await server.stop();
    },
    skipTo: (number: number, time: string, tz?: string) => skipToInstant(at(number, time, tz)),
    skipToInstant,
    onRefresh(next: Refresh): void {
      refresh = next;
    },
    ...rows,
    /** The daily pass, for days of the story. */
    async plan(numbers: readonly number[]): Promise<void> {
      const signal = AbortSignal.timeout(30_000);
      const options = { begin: undefined, onProgress: () => {}, signal };
      await startCities(deps, { dates: numbers.map(day) }, options);
    },
    async received(): Promise<ReceivedMessage[]> {
      return (await (await fetch(`${origin}/received`)).json()) as ReceivedMessage[];
    },
    /** Sets faults of the channels; see docs. */
    channelFaults: (settings: object) => control('POST', '/-/faults', settings),
    /** From now on, writes and wake-ups fail when `fails` says so. */
    failRandomly(fails: () => boolean): void {
      failsNow = fails;
    },
    /** From now on, the channels have the simulated time and these settings. */
    useSimulatedTime(settings: object): void {
      clocked = settings;
    },
  };
}

export type AlertSimulation = NonNullable<Awaited<ReturnType<typeof startAlertSimulation>>>;
