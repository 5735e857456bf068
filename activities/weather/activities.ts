import type { BatchResult, RefreshPlan } from '../../domain/weather/refresh-run.ts';
import { withTemporalFailures } from '../temporal-failures.ts';
import { planRefresh } from './plan-refresh.ts';
import { type BatchTask, refreshBatch } from './refresh-batch.ts';
import type { WeatherDeps } from './weather-deps.ts';

/** Returns the activities of the task queue `weather`. */
export function weatherActivities(deps: WeatherDeps) {
  return withTemporalFailures({
    planRefresh: (): Promise<RefreshPlan> => planRefresh(deps),
    refreshBatch: (task: BatchTask): Promise<BatchResult> => refreshBatch(deps, task),
  });
}

export type WeatherActivities = ReturnType<typeof weatherActivities>;
