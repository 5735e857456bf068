import { startWeatherSystem } from '../../test/support/weather-system.ts';
import { firstRun } from './run-refresh.ts';

const PER_SECOND = 30;

/** Refreshes all places on an empty store, at 30 calls a second. */
export async function fullRefresh() {
  const system = await startWeatherSystem({ WEATHER_CALLS_PER_MINUTE: String(PER_SECOND * 60) });
  try {
    await system.worker('worker').start();
    const workflowId = await firstRun(system);
    const { places, fresh, written, calls } = await system.result(workflowId);
    const run = await system.client.workflow.getHandle(workflowId).describe();
    const { mostInASecond, total } = await system.callCounts();
    const seconds = ((run.closeTime?.getTime() ?? Number.NaN) - run.startTime.getTime()) / 1_000;
    const result = {
      ...{ places, fresh, written, calls, counted: total, perSecond: PER_SECOND, seconds },
      ratio: Math.round((seconds * PER_SECOND * 1_000) / places) / 1_000,
      ...{ mostInASecond, historyLength: run.historyLength },
    };
    console.log(`full: ${JSON.stringify(result)}`);
    return result;
  } finally {
    await system.stop();
  }
}
