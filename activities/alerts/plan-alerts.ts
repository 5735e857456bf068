import { forEachParallel } from '../../domain/for-each-parallel.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { AlertDeps } from './alert-deps.ts';

export interface PlanTask {
  /** The days of the forecasts, `yyyy-mm-dd`. */
  readonly dates: readonly string[];
}

/** How far `startCities` has come: the last place whose runs are started, and the numbers so far. */
export interface PlanProgress {
  readonly adcode: string;
  readonly cities: number;
  readonly started: number;
}

/** The number of places whose runs are started together. A later attempt repeats at most this many places. */
const BATCH_PLACES = 32;
/** The maximum number of concurrent calls to Temporal. */
const PARALLEL_STARTS = 16;

/**
 * Starts the runs of all places with subscriptions. A later attempt continues after the last place whose runs are
 * started.
 */
export async function startCities(
  { store, runs, createMissingTables }: Pick<AlertDeps, 'store' | 'runs' | 'createMissingTables'>,
  { dates }: PlanTask,
  {
    begin,
    onProgress,
    signal,
  }: {
    readonly begin: PlanProgress | undefined;
    readonly onProgress: (progress: PlanProgress) => void;
    readonly signal: AbortSignal;
  },
): Promise<Omit<PlanProgress, 'adcode'>> {
  await createMissingTables();
  let progress = begin ?? { adcode: '', cities: 0, started: 0 };
  for (;;) {
    const places = await nextSubscribedPlaces(store, progress.adcode, signal);
    const last = places.at(-1);
    if (last === undefined) return { cities: progress.cities, started: progress.started };
    let { started } = progress;
    const planned = places.flatMap((adcode) => dates.map((date) => ({ adcode, date })));
    await forEachParallel(planned, PARALLEL_STARTS, async ({ adcode, date }) => {
      if (await runs.startCity(adcode, date, signal)) started++;
    });
    progress = { adcode: last, cities: progress.cities + places.length, started };
    onProgress(progress);
  }
}

const NOT_DELETED = { column: 'deletedat', is: '=', value: 0n, ifMissing: 'met' } as const;

/**
 * Returns the next places after `after` that have a subscription that was not deleted. Skips the other subscriptions of a
 * place.
 */
async function nextSubscribedPlaces(
  store: AlertDeps['store'],
  after: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const places: string[] = [];
  while (places.length < BATCH_PLACES) {
    const from = { adcode: `${places.at(-1) ?? after}\0` };
    const range = { from, where: NOT_DELETED, limit: 1, signal };
    let next: string | undefined;
    for await (const { key } of store.range(subscriptionsTable, range)) next = key.adcode;
    if (next === undefined) break;
    places.push(next);
  }
  return places;
}
