/**
 * The names that processes share: workflow types, task queues, search attributes. These names are a public contract:
 * users, Kubernetes manifests and saved filters rely on them.
 */

export const workflowTypes = {
  unzipObject: 'unzipObject',
  unzipArchive: 'unzipArchive',
  refreshWeather: 'refreshWeather',
  parkedEvent: 'parkedEvent',
  alertCity: 'alertCity',
  channelSender: 'channelSender',
  planAlerts: 'planAlerts',
} as const;

export const taskQueues = { unzip: 'unzip', weather: 'weather', parked: 'parked', alerts: 'alerts' } as const;

/**
 * The signals of `parkedEvent`. `settled`: the request was replayed or dismissed; the argument is a `ParkedResult`.
 * `sentAgain`: the same request arrived again; the argument is its `SenderProof`.
 */
export const parkedEventSignals = { settled: 'settled', sentAgain: 'sentAgain' } as const;

/**
 * The signals of the alerts. `subscriptionChanged` (of `alertCity`, without argument): a subscription of the place was
 * changed. `forecastChanged` (of `alertCity`, a `SignalledEvent`): the forecast was changed. `wake` (of `channelSender`; the
 * argument is an instant in epoch ms): rows of the ledger are due at this instant.
 */
export const alertSignals = {
  subscriptionChanged: 'subscriptionChanged',
  forecastChanged: 'forecastChanged',
  wake: 'wake',
} as const;

/** The zone of the dates in forecasts. All places have the same time as Beijing. */
export const PLACE_ZONE = 'Asia/Shanghai';

export type SearchAttributeType = 'Keyword' | 'KeywordList' | 'Datetime';

/**
 * The custom search attributes. `sluice start` and the tests register them. For production, `sluice doctor`
 * prints the commands that register them.
 */
export const searchAttributes: Readonly<Record<string, SearchAttributeType>> = {
  Route: 'Keyword',
  EventSource: 'Keyword',
  Phase: 'Keyword',
  City: 'Keyword',
  Bucket: 'Keyword',
  EventId: 'KeywordList',
  DeliverAt: 'Datetime',
};

/** How long closed runs are kept, and therefore how long events are deduplicated. */
export const RETENTION_DAYS = 7;

/** The result of the query `progress`, the same for every workflow. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly failed: number;
  readonly note: string;
}
