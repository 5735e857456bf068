import { type CloudEvent, toJsonText } from '../../domain/cloud-event.ts';
import { messageOf } from '../../domain/errors.ts';
import { firstMismatch, type Mismatch, type Pattern } from '../../domain/event-pattern.ts';
import { HOPS, hopsOf, MAX_HOPS } from '../../domain/hops.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { eventHash, toWorkflowId } from '../../domain/workflow-id.ts';
import { containsRawJson, placeholderText, stringifyWithRawJson, type Template } from './template.ts';

/** One route of the routes file: which events start or signal which workflow, with which id and argument. */
export interface Route {
  readonly name: string;
  readonly match: Pattern;
  readonly workflow: string;
  readonly queue: string;
  readonly id: Template;
  /** Absent: the whole event in CloudEvents' JSON format. */
  readonly input?: Template;
  /** Uses the id from the template without the event's hash. */
  readonly exact: boolean;
  /** The signal to send. If no run is open, the workflow is started with it. */
  readonly signal?: string;
  /** The id contains a time slot, so each slot has one run: the first event of the slot starts it. */
  readonly slotted?: boolean;
  /** Events with an older `time` are not started. */
  readonly expiresMs?: number;
  /** The delay before the run starts. */
  readonly delayMs?: number;
}

/** The run that a matched event starts, or signals if `signal` is set. */
export interface RunRequest {
  readonly route: string;
  readonly workflow: string;
  readonly queue: string;
  readonly workflowId: string;
  readonly argument: unknown;
  /** The argument in exact JSON, if it differs from the JSON of `argument`. */
  readonly argumentText?: string;
  readonly signal?: string;
  readonly delayMs?: number;
}

/** What one route does with one event. */
export type RouteDecision =
  | { readonly verdict: 'start'; readonly start: RunRequest }
  | { readonly verdict: 'no match'; readonly mismatch: Mismatch }
  | { readonly verdict: 'expired'; readonly reason: string }
  /** The event matches, but cannot be started. A retry gives the same result. */
  | { readonly verdict: 'refused'; readonly reason: string };

/** An event, and its CloudEvents JSON format, which patterns and templates read. */
export interface EventWithView {
  readonly event: CloudEvent;
  readonly view: Readonly<Record<string, unknown>>;
}

/** Clocks differ by less than this. An event from further ahead would take the run of a future slot. */
const MAX_AHEAD_MS = 5 * 60 * 1_000;

/** Decides what `route` does with an event at the instant `now` (epoch ms). */
export function evaluateRoute(route: Route, { event, view }: EventWithView, now: number): RouteDecision {
  const mismatch = firstMismatch(route.match, view);
  if (mismatch !== undefined) return { verdict: 'no match', mismatch };
  const late = expiredReason(event, now) ?? tooOldReason(route, event, now);
  if (late !== undefined) return { verdict: 'expired', reason: late };
  const early = tooFarAheadReason(route, event, now);
  if (early !== undefined) return { verdict: 'refused', reason: early };
  if (hopsOf(event.attributes) >= MAX_HOPS) {
    const reason = `route ${route.name}: the event is the last in a chain of ${MAX_HOPS} runs (${HOPS}), perhaps a loop`;
    return { verdict: 'refused', reason };
  }
  try {
    return { verdict: 'start', start: buildRunRequest(route, event, view) };
  } catch (error) {
    return { verdict: 'refused', reason: `route ${route.name}: ${messageOf(error)}` };
  }
}

/** An event is expired if its extension attribute `expirytime` is not later than now. */
function expiredReason({ attributes }: CloudEvent, now: number): string | undefined {
  const at = parseTimestampMs(String(attributes.expirytime ?? ''));
  return at !== undefined && at <= now ? `the event expired at ${String(attributes.expirytime)}` : undefined;
}

/** An event without a time is never too old. */
function tooOldReason({ name, expiresMs }: Route, { time }: CloudEvent, now: number): string | undefined {
  const at = expiresMs === undefined || time === undefined ? undefined : parseTimestampMs(time);
  if (expiresMs === undefined || at === undefined || now - at <= expiresMs) return undefined;
  return `route ${name}: the event's time ${time} is more than ${expiresMs / 1_000} s ago`;
}

/** Applies only if the time decides what is started. */
function tooFarAheadReason(
  { name, expiresMs, slotted }: Route,
  { time }: CloudEvent,
  now: number,
): string | undefined {
  const at = time === undefined ? undefined : parseTimestampMs(time);
  if (at === undefined || at - now <= MAX_AHEAD_MS || (expiresMs === undefined && !slotted)) return undefined;
  return `route ${name}: the event's time ${time} is more than ${MAX_AHEAD_MS / 1_000} s in the future`;
}

function buildRunRequest(route: Route, event: CloudEvent, view: EventWithView['view']): RunRequest {
  const { source, id } = event;
  const { name, workflow, queue, exact, signal, delayMs } = route;
  const input = { view, dataText: event.data?.bytes === undefined ? event.data?.text : undefined };
  const text = placeholderText(route.id.fill(input), 'its id');
  if (text === '') throw new Error('its id is empty');
  return {
    route: name,
    workflow,
    queue,
    workflowId: toWorkflowId(exact || signal !== undefined ? text : `${text}:${eventHash(name, source, id)}`),
    ...(route.input === undefined
      ? { argument: view, argumentText: toJsonText(event) }
      : buildArgument(route.input.fill(input))),
    ...(signal === undefined ? {} : { signal }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

function buildArgument(filled: unknown): Pick<RunRequest, 'argument' | 'argumentText'> {
  if (!containsRawJson(filled)) return { argument: filled };
  const argumentText = stringifyWithRawJson(filled);
  return { argument: JSON.parse(argumentText), argumentText };
}
