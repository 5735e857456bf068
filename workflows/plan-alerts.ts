import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AlertActivities } from '../activities/alerts/activities.ts';
import { daysToPlan } from '../domain/alerts/days-to-plan.ts';
import { trackProgress } from './track-progress.ts';

export interface PlanAlertsResult {
  readonly cities: number;
  readonly started: number;
  /** The last day (`yyyy-mm-dd`) whose runs were started. */
  readonly through: string;
}

const { startCities } = proxyActivities<Pick<AlertActivities, 'startCities'>>({
  startToCloseTimeout: '2h',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/**
 * For each place with subscriptions, starts the run for tomorrow, and the runs for the days that earlier daily passes have
 * missed.
 */
export async function planAlerts(): Promise<PlanAlertsResult> {
  const progress = trackProgress('places');
  progress.enterFirst('plan', []);
  const last = workflowInfo().lastResult as Partial<PlanAlertsResult> | undefined;
  const dates = daysToPlan(Date.now(), last?.through);
  const { cities, started } = await startCities({ dates });
  progress.update({ done: cities, total: cities });
  progress.show('done');
  return { cities, started, through: dates.at(-1) ?? '' };
}
