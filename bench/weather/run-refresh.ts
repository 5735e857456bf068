import { workflowTypes } from '../../domain/temporal-contract.ts';
import { REFRESH_SCHEDULE_ID, refreshWorkflowIdAt } from '../../domain/weather/refresh-slots.ts';
import { until } from '../../test/support/until.ts';
import type { WeatherSystem } from '../../test/support/weather-system.ts';

/** Waits for the first run of the new Schedule, and returns its id. */
export const firstRun = ({ client }: WeatherSystem): Promise<string> =>
  until('the first run', async () => {
    const { info } = await client.schedule.getHandle(REFRESH_SCHEDULE_ID).describe();
    return info.recentActions[0]?.action.workflow.workflowId;
  });

/** Runs a refresh like `sluice refresh`, and returns its result. */
export async function anotherRun({ client, result }: WeatherSystem) {
  const workflowId = refreshWorkflowIdAt(Date.now());
  await client.workflow.start(workflowTypes.refreshWeather, { workflowId, taskQueue: 'weather', args: [] });
  return result(workflowId);
}
