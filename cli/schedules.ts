import type { Client, ScheduleDescription } from '@temporalio/client';
import { type ScheduleSpec, schedules } from '../domain/schedules.ts';
import { reconcileSchedule, scheduleDrift } from '../runtime/reconcile-schedule.ts';
import { addressHelp, resolveTemporal, temporalOptions } from './addresses.ts';
import { parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { type TemporalClient, withTemporal } from './temporal-client.ts';
import { printJson } from './terminal-text.ts';

/** The text of `sluice schedules --help`. */
export const help = `
Shows Sluice's Schedules in Temporal, and how they differ from this version's definition.

usage: sluice schedules [--json]
       sluice schedules --apply

--apply                  creates missing Schedules (the first run starts at once), and restores Schedules that differ; a paused
                         Schedule stays paused
--address <host:port>    Temporal's address
--namespace <name>       Temporal's namespace
--json                   prints JSON

A worker with the weather job does the same as --apply when it starts. To pause a Schedule, to run it now, or to run past refresh
slots again, use temporal schedule toggle --pause | trigger | backfill, with -s weather-refresh.
${addressHelp}
`;

interface ScheduleStatus {
  readonly schedule: string;
  readonly there: boolean;
  readonly paused: boolean;
  readonly note: string;
  readonly next: string | null;
  readonly last: string | null;
  /** The differences, one line each. */
  readonly drift: readonly string[];
}

/**
 * Prints the state and the differences of each Schedule. Returns 1 if there are differences and they were not
 * corrected.
 */
export async function run(args: readonly string[]): Promise<number> {
  const options = { ...temporalOptions, apply: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  const { values } = parseCommand(args, options);
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const { target, call, client } = temporal;
    if (values.apply === true) {
      console.log(`Temporal at ${target.address}, namespace ${target.namespace} (from ${target.from})`);
      for (const spec of schedules) {
        const result = await call(() => reconcileSchedule(client, spec));
        console.log(
          `${spec.id}: ${typeof result === 'string' ? result : `changed\n  ${result.join('\n  ')}`}`,
        );
      }
      return 0;
    }
    const statuses: ScheduleStatus[] = [];
    for (const spec of schedules) statuses.push(await readScheduleStatus(temporal, spec));
    if (values.json === true) printJson(statuses);
    else for (const line of statuses.flatMap(linesOf)) console.log(line);
    return statuses.every(({ there, drift }) => there && drift.length === 0) ? 0 : 1;
  });
}

async function readScheduleStatus(
  { client, call }: TemporalClient,
  spec: ScheduleSpec,
): Promise<ScheduleStatus> {
  const drift = await call(() => scheduleDrift(client, spec));
  const description = drift === undefined ? undefined : await call(() => describe(client, spec.id));
  return {
    ...{ schedule: spec.id, there: drift !== undefined, drift: drift ?? [] },
    ...{ paused: description?.state.paused ?? false, note: description?.state.note ?? '' },
    next: description?.info.nextActionTimes[0]?.toISOString() ?? null,
    last: description?.info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
  };
}

const describe = (client: Client, id: string): Promise<ScheduleDescription> =>
  client.schedule.getHandle(id).describe();

function linesOf({ schedule, there, paused, note, next, last, drift }: ScheduleStatus): string[] {
  if (!there) return [`${schedule}  does not exist; sluice schedules --apply creates it`];
  const state = paused ? `paused${note === '' ? '' : ` (${note})`}` : 'active';
  return [
    `${schedule}  ${state}, next ${next ?? 'never'}, last ${last ?? 'never'}`,
    ...drift.map((line) => `  differs in ${line}`),
    ...(drift.length === 0 ? [] : ['  sluice schedules --apply corrects this']),
  ];
}
