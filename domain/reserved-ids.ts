import { ALERTS_SCHEDULE_ID } from './schedules.ts';
import { workflowTypes } from './temporal-contract.ts';

/**
 * How the ids of the runs of Sluice and of Temporal's Schedules begin. If another route started a run with such an id,
 * Sluice would treat that run as its own, or a Schedule could not start its run.
 */
const RESERVED_PREFIXES = [
  ...(['unzip-into:', 'weather-refresh-', 'alert:', 'channel:', 'parked:'] as const),
  ...[`${ALERTS_SCHEDULE_ID}-`, 'temporal-sys-'],
];

/** The workflows of the routes that ship with Sluice, by the name of the route. */
const SHIPPED_WORKFLOWS: ReadonlyMap<string, string> = new Map([
  ['unzip', workflowTypes.unzipObject],
  ['weather', workflowTypes.refreshWeather],
  ['alerts', workflowTypes.alertCity],
]);

export interface ReservingRoute {
  readonly name: string;
  readonly workflow: string;
  /** Present if the routes file lets the route use reserved ids. */
  readonly reserved?: 'allowed';
}

/**
 * Returns why a route cannot start a run with this id, or with an id that begins with this text. Returns undefined for
 * other ids, for routes that ship with Sluice, and for routes that are allowed to.
 */
export function reservedIdProblem(id: string, route: ReservingRoute): string | undefined {
  const prefix = RESERVED_PREFIXES.find((each) => id.startsWith(each));
  if (prefix === undefined || route.reserved === 'allowed') return undefined;
  if (SHIPPED_WORKFLOWS.get(route.name) === route.workflow) return undefined;
  return `begins with ${JSON.stringify(prefix)}, which is reserved for Sluice's own runs; choose another id, or set reserved: allowed`;
}
