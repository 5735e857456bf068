import { DEFAULT_CONDITION } from '../../domain/alerts/condition.ts';
import { addDays, localDay } from '../../domain/alerts/local-time.ts';
import { MAX_SPREAD_MS } from '../../domain/alerts/send-time.ts';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { taskQueues, workflowTypes } from '../../domain/temporal-contract.ts';
import type { ReceivedMessage } from '../../local/channels/received-messages.ts';
import { serveChannels } from '../../local/channels/server.ts';
import { channelsTable, deliveriesTable, subscriptionsTable } from '../../ports/alert-tables.ts';
import { freshnessTable, weatherTable } from '../../ports/weather-tables.ts';
import { createLog } from '../../runtime/log.ts';
import { createSealer } from '../../runtime/sealed-text.ts';
import { averageCost, type RunCost, runCosts } from '../../test/support/temporal-actions.ts';
import { until } from '../../test/support/until.ts';
import { startWeatherSystem, type WeatherSystem } from '../../test/support/weather-system.ts';
import { cpuMs, peakMiB } from '../gateway/process-usage.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const ZONE = 'Asia/Shanghai';
const MINUTE_MS = 60_000;
const WRITES = 500;

export interface LiveSize {
  readonly cities: number;
  readonly channels: number;
  readonly subscriptions: number;
  /** The time from the first row to the due time. */
  readonly leadMinutes: number;
}

/** All subscriptions are due at one instant. Measures until the last message is accepted, and counts Temporal's actions. */
export async function live({ cities, channels, subscriptions, leadMinutes }: LiveSize) {
  const server = await serveChannels({ port: 0, log: createLog('bench', 'silent') });
  const origin = `http://127.0.0.1:${server.port}`;
  const system = await startWeatherSystem({ SLUICE_CHANNEL_KEYS: KEY, SLUICE_CHANNEL_ORIGINS: origin });
  try {
    const places = allPlaces()
      .slice(0, cities)
      .map(({ adcode }) => adcode);
    const ids = Array.from({ length: channels }, (_, number) => `channel-${number}`);
    const due = Math.ceil(Date.now() / MINUTE_MS) * MINUTE_MS + leadMinutes * MINUTE_MS;
    const date = addDays(localDay(due, ZONE), 1);
    await writeRows(system, { places, ids, subscriptions, origin, due, date });
    const worker = system.worker('worker');
    await worker.start();
    const plan = { workflowId: 'plan-alerts-bench', taskQueue: taskQueues.alerts, args: [] };
    const began = Date.now();
    const started = await system.client.workflow.execute(workflowTypes.planAlerts, plan);
    const planMs = Date.now() - began;
    console.log(
      `planned: ${JSON.stringify(started)} in ${planMs} ms; due in ${Math.round((due - Date.now()) / 1_000)} s`,
    );
    const processes = { worker: worker.pid, temporal: system.temporal.pid, localCloud: system.local.pid };
    const usage = sampleProcessors(processes, due);
    await until(
      'all messages are sent',
      async () => {
        if (Date.now() < due) return false;
        const statuses = await rowsOf(system, ids.slice(-3));
        if (statuses.some(({ status }) => status !== 'sent')) return false;
        return (await rowsOf(system, ids)).filter(({ status }) => status === 'sent').length === subscriptions;
      },
      600_000,
    );
    usage.stop();
    const rows = await rowsOf(system, ids);
    const received = (await (await fetch(`${origin}/received`)).json()) as ReceivedMessage[];
    const after = (values: readonly number[]) => Number(((Math.max(...values) - due) / 1_000).toFixed(1));
    const result = {
      ...{ cities, channels, subscriptions, planMs },
      lastDecisionSeconds: after(rows.map(({ createdAt }) => createdAt)),
      coresUntilLastDecision: usage.coresUntil(Math.max(...rows.map(({ createdAt }) => createdAt))),
      lastMessageSeconds: after(rows.map(({ sentAt }) => sentAt)),
      spreadSeconds: MAX_SPREAD_MS / 1_000,
      early: rows.filter(({ sentAt }) => sentAt < due).length,
      messages: received.length,
      messageIds: new Set(rows.map(({ messageId }) => messageId)).size,
      receivedTwice: received.length - new Set(received.map(({ id }) => id)).size,
      workerMib: peakMiB(worker.pid),
      city: averageCost(
        await costsOf(
          system,
          places.slice(0, 20).map((adcode) => `alert:${adcode}:${date}`),
        ),
      ),
      ...(await senderCosts(system, ids.slice(0, 20))),
    };
    console.log(`live: ${JSON.stringify(result)}`);
    return result;
  } finally {
    await system.stop();
    await server.close(0);
  }
}

/**
 * Samples the processor time of processes every second from `from` (epoch ms) on. `coresUntil` returns how many processors
 * each of them has used on average from `from` until an instant. It shows what limits the speed: the machine has a fixed
 * number of processors.
 */
function sampleProcessors<Name extends string>(pids: Readonly<Record<Name, number>>, from: number) {
  const names = Object.keys(pids) as Name[];
  const samples: { readonly at: number; readonly ms: readonly number[] }[] = [];
  const timer = setInterval(() => {
    const at = Date.now();
    if (at >= from) samples.push({ at, ms: names.map((name) => cpuMs(pids[name])) });
  }, 1_000);
  return {
    stop: (): void => clearInterval(timer),
    coresUntil(instant: number): Partial<Record<Name, number>> {
      const [first] = samples;
      const last = samples.find(({ at }) => at >= instant) ?? samples.at(-1);
      if (first === undefined || last === undefined || last.at === first.at) return {};
      const cores = names.map((name, index) => {
        const used = (last.ms[index] ?? 0) - (first.ms[index] ?? 0);
        return [name, Number((used / (last.at - first.at)).toFixed(2))] as const;
      });
      return Object.fromEntries(cores) as Partial<Record<Name, number>>;
    },
  };
}

/** The average cost of a sender's run, and the actions of all runs of the senders for each message. */
async function senderCosts(system: WeatherSystem, ids: readonly string[]) {
  const rows = await rowsOf(system, ids);
  const messages = new Set(rows.map(({ messageId }) => messageId)).size;
  const costs = await costsOf(
    system,
    ids.map((channelId) => `channel:${channelId}`),
  );
  const actions = costs.reduce((sum, cost) => sum + cost.actions, 0);
  return {
    ...{ sender: averageCost(costs), senderRuns: costs.length, senderMessages: messages },
    actionsOfMessage: Number((actions / messages).toFixed(2)),
  };
}

const costsOf = async ({ client }: WeatherSystem, workflowIds: readonly string[]): Promise<RunCost[]> =>
  (await Promise.all(workflowIds.map((id) => runCosts(client, id)))).flat();

interface Rows {
  readonly places: readonly string[];
  readonly ids: readonly string[];
  readonly subscriptions: number;
  readonly origin: string;
  readonly due: number;
  readonly date: string;
}

async function writeRows(
  { store }: WeatherSystem,
  { places, ids, subscriptions, origin, due, date }: Rows,
): Promise<void> {
  const sealer = createSealer([KEY]);
  for (const channelId of ids) {
    const settings = { url: `${origin}/webhook/${channelId}`, secret: SECRET };
    const sealed = sealer.seal(JSON.stringify(settings), channelId);
    await store.put(channelsTable, { channelId }, { kind: 'webhook', locale: 'zh', sealed, version: 1n });
  }
  const fetched = new Date().toISOString();
  const weather = {
    dayweather: '小雨',
    nightweather: '多云',
    daytemp: '9',
    nighttemp: '1',
    provider: 'stand-in',
    fetched,
  };
  const success = {
    checked: fetched,
    outcome: 'ok',
    provider: 'stand-in',
    succeeded: fetched,
    succeededby: 'stand-in',
  };
  await store.writeMany(
    weatherTable,
    places.map((adcode) => ({ key: { adcode, date }, do: 'put', columns: { ...weather, revision: 0n } })),
  );
  await store.writeMany(
    freshnessTable,
    places.map((adcode) => ({ key: { adcode }, do: 'put', columns: success })),
  );
  const document = JSON.stringify({
    ...{
      condition: DEFAULT_CONDITION,
      at: new Date(due + 8 * 3_600_000).toISOString().slice(11, 16),
      tz: ZONE,
    },
    ...{ mode: 'always', holidays: 'keep', lateWindow: 'PT3H', correction: true, locale: 'zh' },
  });
  for (let from = 0; from < subscriptions; from += WRITES)
    await store.writeMany(
      subscriptionsTable,
      Array.from({ length: Math.min(WRITES, subscriptions - from) }, (_, index) => {
        const number = from + index;
        const adcode = places[number % places.length] ?? '';
        // Two subscriptions of a place seldom have the same channel.
        const channelid = ids[(number + Math.floor(number / places.length)) % ids.length] ?? '';
        const columns = { channelid, document, createdat: 1n, version: 1n };
        return { key: { adcode, subscriptionId: `${adcode}-${number}` }, do: 'put', columns } as const;
      }),
    );
}

async function rowsOf({ store }: WeatherSystem, ids: readonly string[]) {
  const rows = [];
  for (const channelId of ids)
    for await (const { columns } of store.range(deliveriesTable, { prefix: { channelId } })) {
      const { status, createdat = 0n, sentat = 0n, messageid } = columns;
      rows.push({ status, createdAt: Number(createdat), sentAt: Number(sentat), messageId: messageid });
    }
  return rows;
}
