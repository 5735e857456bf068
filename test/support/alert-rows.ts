import { DEFAULT_CONDITION } from '../../domain/alerts/condition.ts';
import type { SubscriptionDocument } from '../../domain/alerts/subscription.ts';
import { alertSignals, taskQueues } from '../../domain/temporal-contract.ts';
import type { DayForecast } from '../../domain/weather/forecast.ts';
import { channelsTable, deliveriesTable, subscriptionsTable } from '../../ports/alert-tables.ts';
import type { ChannelSettings } from '../../ports/channel.ts';
import type { TableStore } from '../../ports/table-store.ts';
import { freshnessTable, weatherTable } from '../../ports/weather-tables.ts';
import type { TimeSkippingServer } from './time-skipping-server.ts';

/** What a story writes to. `day` returns the date of a day of the story. */
interface StoryWorld {
  readonly store: TableStore;
  /** The address of the channels. */
  readonly origin: string;
  readonly server: TimeSkippingServer;
  readonly day: (number: number) => string;
  /** The places and channels that the story has used. */
  readonly started: Set<string>;
  readonly channelIds: Set<string>;
}

/** Writes the rows of stories, and signals the runs about them as the api and the shipped route do. */
export function alertRows({ store, origin, server, day, started, channelIds }: StoryWorld) {
  const startCity = (adcode: string, date: string) =>
    server.client.workflow.signalWithStart('alertCity', {
      ...{ workflowId: `alert:${adcode}:${date}`, taskQueue: taskQueues.alerts },
      ...{ args: [{ adcode, date }], signal: alertSignals.subscriptionChanged },
    });
  const signalForecast = async (adcode: string, number: number, id: string): Promise<void> => {
    const event = { source: '/tablestore/sluice-local/weather', id };
    await server.client.workflow
      .getHandle(`alert:${adcode}:${day(number)}`)
      .signal(alertSignals.forecastChanged, { event, input: { date: day(number) } })
      .catch(() => {});
  };
  let changes = 0;
  return {
    /** Signals the open run of a place and day. */
    signalForecast,
    async channel(
      channelId: string,
      { robot = channelId, ...settings }: Partial<ChannelSettings> & { readonly robot?: string } = {},
      columns: object = {},
    ): Promise<void> {
      channelIds.add(channelId);
      const url = `${origin}/robot/send?access_token=${robot}`;
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
        ...{
          condition: DEFAULT_CONDITION,
          at: '20:00',
          tz: 'Asia/Shanghai',
          mode: 'alert',
          holidays: 'keep',
        },
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
  };
}
