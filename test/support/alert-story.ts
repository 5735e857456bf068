import { after, before, test } from 'node:test';
import { type AlertSimulation, startAlertSimulation } from './alert-simulation.ts';

let shared: AlertSimulation | undefined;

/** Starts one simulation for all stories of a file. Call this once in the file. */
export function simulateAlerts(): void {
  before(async () => {
    shared = await startAlertSimulation();
  });
  after(() => shared?.stop());
}

/** A story of some days: what happens, what the ledger says, and what people received. `group` is a channel of its own. */
export function story(
  name: string,
  tell: (simulation: AlertSimulation, group: string) => Promise<void>,
): void {
  test(name, async (t) => {
    if (shared === undefined) {
      console.error('\n!!! JAVA OR MAVEN IS NOT AVAILABLE: THE ALERTS WERE NOT TESTED OVER DAYS !!!\n');
      return t.skip('Java or Maven is not available');
    }
    await shared.begin();
    const group = `group-${shared.day(0)}`;
    await shared.channel(group);
    await tell(shared, group);
  });
}

/** The statuses in a channel's ledger, with their reasons. */
export const statuses = async (simulation: AlertSimulation, channelId: string): Promise<string[]> =>
  (await simulation.ledger(channelId)).map(({ status, reason }) =>
    [status, reason].filter(Boolean).join(' '),
  );

/** The titles of the messages that people received. */
export const titles = async (simulation: AlertSimulation): Promise<string[]> =>
  (await simulation.received()).map(({ title }) => title);
