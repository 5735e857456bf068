import { subscriptionsTable } from '../../ports/alert-tables.ts';
import type { AlertDeps } from './alert-deps.ts';

export interface PlanTask {
  /** The days of the forecasts, `yyyy-mm-dd`. */
  readonly dates: readonly string[];
}

/** How far a pass has come: the last place whose runs are started. */
export interface PlanProgress {
  readonly adcode: string;
  readonly cities: number;
  readonly started: number;
}

/** Starts the runs of all places with subscriptions. A later attempt continues after the last place. */
export async function startCities(
  { store, runs, createMissingTables }: AlertDeps,
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
    const adcode = await nextSubscribedPlace(store, progress.adcode, signal);
    if (adcode === undefined) return { cities: progress.cities, started: progress.started };
    let { started } = progress;
    for (const date of dates) if (await runs.startCity(adcode, date, signal)) started++;
    progress = { adcode, cities: progress.cities + 1, started };
    onProgress(progress);
  }
}

/** Returns the first place after `after` that has a subscription. Skips the other subscriptions of a place. */
async function nextSubscribedPlace(
  store: AlertDeps['store'],
  after: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const range = { from: { adcode: `${after}\0` }, limit: 1, signal };
  for await (const { key } of store.range(subscriptionsTable, range)) return key.adcode;
  return undefined;
}
