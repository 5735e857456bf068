import type { RunCost } from '../../test/support/temporal-actions.ts';
import type { DayCosts } from './day.ts';

const PLACES = 3_250;
const CHANNELS = 5_000;
const SUBSCRIPTIONS = 1_000_000;
/** Forecasts are refreshed every 3 hours. Each refresh changes the rows of most places. */
const CHANGES_A_DAY = 8;

/**
 * Calculates a day of a large installation from measured runs. There is one run for each place, and one for each
 * channel that has something to send. The number of subscriptions does not count, because their rows are in
 * Tablestore.
 */
export function projection({ oneDueTime, fiveChangesBefore }: DayCosts, sender: RunCost) {
  const ofChange = (name: keyof RunCost): number => (fiveChangesBefore[name] - oneDueTime[name]) / 5;
  const total = (name: keyof RunCost): number =>
    Math.round(PLACES * (oneDueTime[name] + CHANGES_A_DAY * ofChange(name)) + CHANNELS * sender[name]);
  return {
    ...{
      subscriptions: SUBSCRIPTIONS,
      places: PLACES,
      channels: CHANNELS,
      changesOfPlaceADay: CHANGES_A_DAY,
    },
    subscriptionsOfPlace: Math.round(SUBSCRIPTIONS / PLACES),
    // The daily pass is one more.
    workflowsADay: PLACES + CHANNELS + 1,
    actionsADay: total('actions'),
    eventsADay: total('events'),
    historyMibADay: Math.round(total('bytes') / 1024 ** 2),
  };
}
