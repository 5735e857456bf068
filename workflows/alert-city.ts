import {
  continueAsNew,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { AlertActivities } from '../activities/alerts/activities.ts';
import type { WeatherActivities } from '../activities/weather/activities.ts';
import { alertSignals, taskQueues } from '../domain/temporal-contract.ts';
import { onEvent } from './on-event.ts';
import { cityAttribute } from './search-attributes.ts';
import { trackProgress } from './track-progress.ts';
import { WakeTimers } from './wake-timers.ts';

export interface AlertCityInput {
  readonly adcode: string;
  /** The day of the forecast, `yyyy-mm-dd`. */
  readonly date: string;
  /** The events that the run before this one has seen. */
  readonly carried?: readonly string[];
  /** When the run before this one refreshed the place, in epoch ms. */
  readonly refreshedAt?: number | undefined;
}

/**
 * A decision reads and writes subscriptions page by page. The largest cities have hundreds of thousands of
 * subscriptions.
 */
const { decideCity } = proxyLocalActivities<Pick<AlertActivities, 'decideCity'>>({
  startToCloseTimeout: '10m',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** A refresh that takes longer is given up, and the stored forecast decides. */
const MAX_REFRESH_MS = 10 * 60_000;

/**
 * Decides about the subscriptions of a place for one day. Decides at their due times, and after each change that can
 * lead to a message. Ends when nothing can be sent any more.
 */
export async function alertCity(input: AlertCityInput): Promise<void> {
  const { adcode, date } = input;
  let { refreshedAt } = input;
  let [mustDecideAgain, hasNewForecast, isRefreshing] = [false, false, false];
  setHandler(defineSignal(alertSignals.subscriptionChanged), () => {
    mustDecideAgain = true;
  });
  const seen = onEvent(
    alertSignals.forecastChanged,
    () => {
      hasNewForecast = true;
    },
    input.carried,
    'later',
  );
  const timers = new WakeTimers();
  const progress = trackProgress('subscriptions');
  progress.enterFirst('waiting', [cityAttribute(adcode)]);
  for (;;) {
    progress.show('deciding');
    [mustDecideAgain, hasNewForecast] = [false, false];
    const decision = await decideCity({ adcode, date, now: Date.now(), refreshedAt });
    const { wakeAt, refresh, watchesForecast, open, mayContinueEarly = false } = decision;
    progress.update({ total: open });
    if (mustDecideAgain) continue;
    if (wakeAt === undefined) break;
    progress.show('waiting');
    if (refresh && !isRefreshing) {
      isRefreshing = true;
      void refreshPlace(adcode).then(() => {
        [isRefreshing, refreshedAt] = [false, Date.now()];
        // After the due time, the new forecast decides at once.
        if (watchesForecast) mustDecideAgain = true;
      });
    }
    // Signals that decide nothing also make the history longer. Temporal ends a run whose history is too long.
    const mustContinueAsNew = (): boolean => workflowInfo().continueAsNewSuggested && !isRefreshing;
    const mustDecide = (): boolean =>
      mustDecideAgain || (hasNewForecast && watchesForecast) || (mayContinueEarly && mustContinueAsNew());
    const isEarlier = await timers.waitUntil(wakeAt, mustDecide);
    // `recordIds` costs one action. So it is not called each time a changed forecast wakes the run before its timer.
    if (!isEarlier) seen.recordIds();
    if (!mustContinueAsNew()) continue;
    seen.recordIds();
    await continueAsNew<typeof alertCity>({ adcode, date, carried: seen.carried(), refreshedAt });
  }
  seen.recordIds();
  progress.show('done');
}

/** Fetches the forecast of a place, if the budget of the provider allows it. A failure is not fatal. */
async function refreshPlace(adcode: string): Promise<void> {
  const { refreshBatch } = proxyActivities<Pick<WeatherActivities, 'refreshBatch'>>({
    taskQueue: taskQueues.weather,
    ...{ startToCloseTimeout: '5m', heartbeatTimeout: '10s', scheduleToCloseTimeout: MAX_REFRESH_MS },
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumAttempts: 3 },
  });
  try {
    await refreshBatch({ adcodes: [adcode], run: workflowInfo().workflowId, spareCalls: 0 });
  } catch {
    // The stored forecast decides. The provider's failure is in `freshness`.
  }
}
