import {
  type Client,
  type ConnectionLike,
  ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
  type WorkflowService,
} from '@temporalio/client';
import type { Overlap, ScheduleSpec } from '../domain/schedules.ts';

/** The differences between the actual and the desired Schedule, one line each; undefined if the Schedule is missing. */
type ScheduleDrift = readonly string[] | undefined;

const overlapPolicies: Record<Overlap, ScheduleOverlapPolicy> = {
  skip: ScheduleOverlapPolicy.SKIP,
  'buffer one': ScheduleOverlapPolicy.BUFFER_ONE,
};

/** Compares a Schedule with its spec. Ignores the pause and its note, because operators may change them. */
export async function scheduleDrift(client: Client, spec: ScheduleSpec): Promise<ScheduleDrift> {
  try {
    return findDifferences(
      summarizeDescription(await client.schedule.getHandle(spec.id).describe()),
      summarizeSpec(spec),
    );
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/**
 * Creates a Schedule and starts its first run at once, or updates the Schedule to its spec. Keeps a pause and its note.
 * Overwrites all other manual changes. Returns `made`, `kept`, or the differences that it removed.
 */
export async function reconcileSchedule(
  client: Client,
  spec: ScheduleSpec,
): Promise<'made' | 'kept' | readonly string[]> {
  const drift = await scheduleDrift(client, spec);
  if (drift === undefined) {
    await client.schedule.create({ ...scheduleOptions(spec), state: { triggerImmediately: true } });
    return 'made';
  }
  if (drift.length === 0) return 'kept';
  await updateSchedule(client, spec);
  return drift;
}

/** The maximum number of updates, in case of concurrent changes. */
const MAX_UPDATE_ATTEMPTS = 5;

async function updateSchedule(client: Client, spec: ScheduleSpec): Promise<void> {
  const { spec: times, action, policies: policy } = scheduleOptions(spec);
  const handle = guardedSchedules(client).getHandle(spec.id);
  for (let attempt = 0; attempt < MAX_UPDATE_ATTEMPTS; attempt++) {
    await handle.update(({ state: { paused, note } }) => ({
      ...{ spec: times, action },
      // The number of remaining runs is omitted: with 0 the Schedule would never run again.
      state: { paused, ...(note === undefined ? {} : { note }) },
      ...(policy === undefined ? {} : { policies: policy }),
    }));
    // If somebody else changed the Schedule first, the server drops the update without an error.
    if ((await scheduleDrift(client, spec))?.length === 0) return;
  }
  throw new Error(
    `Schedule ${spec.id} was changed by somebody else during all ${MAX_UPDATE_ATTEMPTS} updates`,
  );
}

function scheduleOptions(spec: ScheduleSpec): ScheduleOptions & { action: { type: 'startWorkflow' } } {
  const { id, workflowType, taskQueue, hours, timeZone, comment, overlap, catchUpMinutes } = spec;
  return {
    scheduleId: id,
    spec: { calendars: [{ hour: hours, comment }], timezone: timeZone },
    action: { type: 'startWorkflow', workflowType, taskQueue, workflowId: id, args: [] },
    policies: {
      ...{ overlap: overlapPolicies[overlap], catchupWindow: `${catchUpMinutes}m` },
      pauseOnFailure: false,
    },
  };
}

type ScheduleSummary = Readonly<Record<string, string>>;

const overlapText = (policy: ScheduleOverlapPolicy): string => String(policy).toLowerCase().replace('_', ' ');

function summarizeSpec(spec: ScheduleSpec): ScheduleSummary {
  const { id, workflowType, taskQueue, hours, timeZone, comment, overlap, catchUpMinutes } = spec;
  return {
    workflow: `${workflowType} on ${taskQueue} as ${id}`,
    times: `hours ${spansText([hours])} (${comment})`,
    'time zone': timeZone,
    overlap: overlapText(overlapPolicies[overlap]),
    'catch-up': `${catchUpMinutes} min`,
    ...{ 'after a failure': 'goes on', 'runs left': 'any number' },
    ...{ arguments: '[]', memo: '{}', 'time-outs': 'none', retries: 'none' },
  };
}

function summarizeDescription({
  action,
  spec,
  policies: policy,
  state,
}: ScheduleDescription): ScheduleSummary {
  const workflow =
    action.type === 'startWorkflow'
      ? `${action.workflowType} on ${action.taskQueue} as ${action.workflowId}`
      : action.type;
  return {
    workflow,
    times: timesText(spec),
    'time zone': spec.timezone || 'UTC',
    overlap: overlapText(policy.overlap),
    'catch-up': `${policy.catchupWindow / 60_000} min`,
    'after a failure': policy.pauseOnFailure ? 'pauses' : 'goes on',
    'runs left': String(state.remainingActions ?? 'any number'),
    ...{ arguments: JSON.stringify(action.args ?? []), memo: JSON.stringify(action.memo ?? {}) },
    'time-outs': timeoutsText(action),
    retries: action.retry === undefined ? 'none' : JSON.stringify(action.retry),
  };
}

type Action = ScheduleDescription['action'];

/** The server returns these durations in ms. */
const timeoutsText = ({
  workflowExecutionTimeout,
  workflowRunTimeout,
  workflowTaskTimeout,
}: Action): string =>
  [
    ['execution', workflowExecutionTimeout],
    ['run', workflowRunTimeout],
    ['task', workflowTaskTimeout],
  ]
    .flatMap(([name, ms]) => (ms ? [`${name} ${Number(ms) / 1_000} s`] : []))
    .join(', ') || 'none';

type Times = ScheduleDescription['spec'];
type Calendar = NonNullable<Times['calendars']>[number];

/** Formats everything that determines the times of runs, also additions that somebody made manually. */
function timesText({ calendars = [], intervals = [], skip = [], jitter = 0, startAt, endAt }: Times): string {
  return [
    ...calendars.map(calendarText),
    ...intervals.map(
      ({ every, offset = 0 }) => `every ${every / 1_000} s${offset > 0 ? ` + ${offset / 1_000} s` : ''}`,
    ),
    ...skip.map((calendar) => `not ${calendarText(calendar)}`),
    ...(jitter > 0 ? [`up to ${jitter / 1_000} s later`] : []),
    ...(startAt === undefined ? [] : [`from ${startAt.toISOString()}`]),
    ...(endAt === undefined ? [] : [`until ${endAt.toISOString()}`]),
  ].join('; ');
}

/** Formats a calendar. Leaves out default ranges, because the server adds them for omitted fields. */
function calendarText({ hour, comment = '', ...fields }: Calendar): string {
  const others = [
    ['minute', spansText(fields.minute), '0'],
    ['second', spansText(fields.second), '0'],
    ['day', spansText(fields.dayOfMonth), '1-31/1'],
    ['month', spansText(fields.month), 'JANUARY-DECEMBER/1'],
    ['year', spansText(fields.year), ''],
    ['weekday', spansText(fields.dayOfWeek), 'SUNDAY-SATURDAY/1'],
  ].filter(([, spans, defaultSpans]) => spans !== defaultSpans);
  const at = others.map(([name, spans]) => ` at ${name} ${spans}`).join('');
  return `hours ${spansText(hour)}${at}${comment === '' ? '' : ` (${comment})`}`;
}

type Span = { readonly start: number | string; readonly end?: number | string; readonly step?: number };

const spansText = (spans: readonly Span[]): string =>
  spans
    .map(({ start, end = start, step = 1 }) => (start === end ? `${start}` : `${start}-${end}/${step}`))
    .join(',');

const findDifferences = (actual: ScheduleSummary, desired: ScheduleSummary): string[] =>
  Object.keys(desired)
    .filter((name) => actual[name] !== desired[name])
    .map((name) => `${name}: ${actual[name]} → ${desired[name]}`);

type DescribeRequest = Parameters<WorkflowService['describeSchedule']>[0];
type UpdateRequest = Parameters<WorkflowService['updateSchedule']>[0];

/**
 * Returns a client for Schedules. If somebody changed a Schedule since the last `describe`, the server drops the
 * client's update without an error. The SDK's own update has no such check and could undo a concurrent pause.
 */
function guardedSchedules({ connection, options }: Client): ScheduleClient {
  const { workflowService } = connection;
  let conflictToken: Uint8Array | undefined;
  const service: WorkflowService = Object.create(workflowService, {
    describeSchedule: {
      async value(request: DescribeRequest) {
        const description = await workflowService.describeSchedule(request);
        ({ conflictToken } = description);
        return description;
      },
    },
    updateSchedule: {
      value: (request: UpdateRequest) =>
        workflowService.updateSchedule({ ...request, conflictToken: conflictToken ?? null }),
    },
  });
  const guarded: ConnectionLike = Object.create(connection, { workflowService: { value: service } });
  return new ScheduleClient({ connection: guarded, namespace: options.namespace });
}
