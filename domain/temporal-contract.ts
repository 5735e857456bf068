/**
 * The names that processes share: workflow types, task queues, search attributes. They are part of the public
 * contract: people, manifests and saved filters rely on them.
 */

export const workflowTypes = {
  unzipObject: 'unzipObject',
  unzipArchive: 'unzipArchive',
  refreshWeather: 'refreshWeather',
  parkedEvent: 'parkedEvent',
} as const;

export const taskQueues = { unzip: 'unzip', weather: 'weather', parked: 'parked' } as const;

export type SearchAttributeType = 'Keyword' | 'KeywordList' | 'Datetime';

/**
 * The single source of the custom search attributes: a local start, the production commands and the tests all
 * register exactly these.
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

/** Closed runs are remembered this long, and so are events de-duplicated. */
export const RETENTION_DAYS = 7;

/** The answer of the query `progress`, the same on every workflow. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly failed: number;
  readonly note: string;
}
