import { startAlertSimulation } from '../../test/support/alert-simulation.ts';
import { type RunCost, runCost } from '../../test/support/temporal-actions.ts';

const ADCODE = '110000';
const CHANNEL = 'bench';

/** The costs of whole runs of a place for one day. The test server skips the times at which nothing happens. */
export interface DayCosts {
  readonly oneDueTime: RunCost;
  readonly twoDueTimes: RunCost;
  /** One due time, and five changes of the forecast before it. */
  readonly fiveChangesBefore: RunCost;
  /** One due time, and five changes of the forecast after it. */
  readonly fiveChangesAfter: RunCost;
}

export async function dayCosts(): Promise<DayCosts> {
  const simulation = await startAlertSimulation();
  if (simulation === undefined) throw new Error('this part needs Java and Maven');
  try {
    const costOf = async (dueTimes: readonly string[], changes: readonly string[]): Promise<RunCost> => {
      await simulation.begin();
      await simulation.channel(CHANNEL);
      await simulation.forecast(ADCODE, 1, { dayweather: '小雨' });
      for (const at of dueTimes) await simulation.subscribe(ADCODE, CHANNEL, { at }, { isDown: true });
      await simulation.plan([1]);
      for (const [index, time] of changes.entries()) {
        await simulation.skipTo(0, time);
        await simulation.forecast(ADCODE, 1, { dayweather: '小雨', daytemp: String(index) });
      }
      await simulation.skipTo(1, '23:00');
      return await runCost(simulation.server.client, `alert:${ADCODE}:${simulation.day(1)}`);
    };
    return {
      oneDueTime: await costOf(['20:00'], []),
      twoDueTimes: await costOf(['18:00', '20:00'], []),
      fiveChangesBefore: await costOf(['20:00'], ['10:00', '12:00', '14:00', '16:00', '18:00']),
      fiveChangesAfter: await costOf(['20:00'], ['20:30', '20:40', '20:50', '21:00', '21:10']),
    };
  } finally {
    await simulation.stop();
  }
}
