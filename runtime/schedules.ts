import {
  type Client,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { Overlap, ScheduleSpec } from '../domain/schedules.ts';

/** How a Schedule differs from what it is to be: one line each, empty when it does not; undefined when it is not there. */
export type ScheduleDrift = readonly string[] | undefined;

const policies: Record<Overlap, ScheduleOverlapPolicy> = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer one': ScheduleOverlapPolicy.BUFFER_ONE,
};

/** Compares a Schedule with what it is to be; whether it is paused is the operator's affair. */
export async function scheduleDrift(client: Client, spec: ScheduleSpec): Promise<ScheduleDrift> {
  try {
    return differences(toldBy(await client.schedule.getHandle(spec.id).describe()), toldOf(spec));
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Makes a Schedule, and its first run at once, or brings it up to date; a pause stays with its note. Answers what it
 * did: `made`, `kept`, or what was different.
 */
export async function reconcileSchedule(
  client: Client,
  spec: ScheduleSpec,
): Promise<'made' | 'kept' | readonly string[]> {
  const wanted = optionsOf(spec);
  const drift = await scheduleDrift(client, spec);
  if (drift === undefined) {
    await client.schedule.create({ ...wanted, state: { triggerImmediately: true } });
    return 'made';
  }
  if (drift.length === 0) return 'kept';
  const { spec: times, action, policies: policy } = wanted;
  await client.schedule.getHandle(spec.id).update(({ state }) => ({
    ...{ spec: times, action, state },
    ...(policy === undefined ? {} : { policies: policy }),
  }));
  return drift;
}

function optionsOf(spec: ScheduleSpec): ScheduleOptions & { action: { type: 'startWorkflow' } } {
  const { id, workflowType, taskQueue, hours, timeZone, comment, overlap, catchUpMinutes } = spec;
  return {
    scheduleId: id,
    spec: { calendars: [{ hour: hours, comment }], timezone: timeZone },
    action: { type: 'startWorkflow', workflowType, taskQueue, workflowId: id, args: [] },
    policies: { overlap: policies[overlap], catchupWindow: `${catchUpMinutes}m` },
  };
}

type Told = Readonly<Record<string, string>>;

function toldOf({
  workflowType,
  taskQueue,
  hours,
  timeZone,
  comment,
  overlap,
  catchUpMinutes,
}: ScheduleSpec): Told {
  return {
    workflow: `${workflowType} on ${taskQueue}`,
    times: timesOf([{ hours: [hours], comment }]),
    'time zone': timeZone,
    overlap: String(policies[overlap]),
    'catch-up': `${catchUpMinutes} min`,
  };
}

function toldBy({ action, spec, policies: policy }: ScheduleDescription): Told {
  const workflow =
    action.type === 'startWorkflow' ? `${action.workflowType} on ${action.taskQueue}` : action.type;
  return {
    workflow,
    times: timesOf((spec.calendars ?? []).map(({ hour = [], comment = '' }) => ({ hours: hour, comment }))),
    'time zone': spec.timezone ?? 'UTC',
    overlap: String(policy.overlap),
    'catch-up': `${policy.catchupWindow / 60_000} min`,
  };
}

interface Times {
  readonly hours: readonly { readonly start: number; readonly end?: number; readonly step?: number }[];
  readonly comment: string;
}

const timesOf = (times: readonly Times[]): string =>
  times
    .map(({ hours, comment }) => {
      const spans = hours.map(({ start, end = start, step = 1 }) => `${start}-${end}/${step}`);
      return `hours ${spans.join(',')} (${comment})`;
    })
    .join('; ');

const differences = (is: Told, wanted: Told): string[] =>
  Object.keys(wanted)
    .filter((name) => is[name] !== wanted[name])
    .map((name) => `${name}: ${is[name]} → ${wanted[name]}`);
