import {
  ActivityCancellationType,
  ApplicationFailure,
  proxyActivities,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import type { WeatherActivities } from '../activities/weather/activities.ts';
import type { ProviderFailure } from '../domain/weather/provider-failure.ts';
import {
  addCounts,
  countFailed,
  countPlaces,
  NO_COUNTS,
  type RefreshCounts,
  type RefreshPlan,
  type RefreshResult,
} from '../domain/weather/refresh-run.ts';
import { refreshSlotOf } from '../domain/weather/refresh-slots.ts';
import { SpareCallPool } from '../domain/weather/spare-call-pool.ts';
import { runInParallel } from './run-in-parallel.ts';
import { trackProgress } from './track-progress.ts';

/** The number of concurrent batches. While one batch waits for answers, the others can make calls. */
const PARALLEL_BATCHES = 4;

const { planRefresh, refreshBatch } = proxyActivities<WeatherActivities>({
  startToCloseTimeout: '2h',
  scheduleToCloseTimeout: '170m',
  heartbeatTimeout: '10s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

/**
 * Plans which places this refresh slot fetches, fetches their forecasts in batches, and returns the counts of places
 * and rows by outcome.
 */
export async function refreshWeather(): Promise<RefreshResult> {
  const progress = trackProgress('places');
  progress.enter('plan');
  const { workflowId, startTime } = workflowInfo();
  const slot = refreshSlotOf(workflowId) ?? `${startTime.toISOString().slice(0, 19)}Z`;
  const plan = await planRefresh();
  const places = plan.batches.reduce((sum, batch) => sum + batch.length, 0);
  progress.update({ total: places, note: plan.note });
  // The phases of all workflows have the same names. The parts of this run are batches of places.
  progress.enter('parts');

  const spare = new SpareCallPool(plan.spareCalls, PARALLEL_BATCHES);
  let counts = NO_COUNTS;
  let stopped: ProviderFailure | undefined;
  const result = (): RefreshResult => resultOf(slot, places, plan, counts);
  try {
    await runInParallel(
      plan.batches,
      { parallel: PARALLEL_BATCHES, mayStart: () => stopped === undefined, onError: () => undefined },
      async (adcodes) => {
        const spareCalls = spare.takeShare();
        const batch = await refreshBatch({ adcodes, run: workflowId, day: plan.day, spareCalls });
        spare.returnUnused(batch.spareCalls ?? 0);
        counts = addCounts(counts, batch.counts);
        stopped ??= batch.stopped;
        progress.update({
          done: countPlaces(counts),
          failed: countFailed(counts),
          note: stopped?.reason ?? plan.note,
        });
      },
    );
  } finally {
    // The memo is shown in lists of runs, also for failed ones.
    upsertMemo({ refresh: result() });
  }
  if (stopped !== undefined)
    throw ApplicationFailure.create({
      ...{ type: stopped.class, message: stopped.reason, nonRetryable: true, details: [result()] },
    });
  progress.enter('done');
  return result();
}

const resultOf = (slot: string, places: number, plan: RefreshPlan, counts: RefreshCounts): RefreshResult => ({
  ...{ slot, places, provider: plan.provider, allowance: plan.allowance, note: plan.note },
  ...counts,
});
