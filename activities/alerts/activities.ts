import { Context } from '@temporalio/activity';
import { withHeartbeat } from '../heartbeat.ts';
import { withTemporalFailures } from '../temporal-failures.ts';
import type { AlertDeps } from './alert-deps.ts';
import { type CityDecision, type CityTask, decideCity } from './decide-city.ts';
import { type PlanProgress, type PlanTask, startCities } from './plan-alerts.ts';
import { type SenderResult, type SenderTask, sendDue } from './send-due.ts';

/** Returns the activities of the task queue `alerts`. */
export function alertActivities(deps: AlertDeps) {
  return withTemporalFailures({
    /**
     * The workflow calls this as a local activity, because each call reads only a few rows, and a city has several
     * calls a day.
     */
    decideCity: (task: CityTask): Promise<CityDecision> =>
      decideCity(deps, task, Context.current().cancellationSignal),

    sendDue: (task: SenderTask): Promise<SenderResult> =>
      withHeartbeat(
        () => task.channelId,
        (signal) => sendDue(deps, task, signal),
      ),

    startCities: (task: PlanTask): Promise<Omit<PlanProgress, 'adcode'>> => {
      let progress = Context.current().info.heartbeatDetails as PlanProgress | undefined;
      const begin = progress;
      const onProgress = (next: PlanProgress): void => {
        progress = next;
      };
      return withHeartbeat(
        () => progress,
        (signal) => startCities(deps, task, { begin, onProgress, signal }),
      );
    },
  });
}

export type AlertActivities = ReturnType<typeof alertActivities>;
