import { type CloudEvent, toJsonText } from '../../domain/cloud-event.ts';
import { messageOf } from '../../domain/errors.ts';
import { firstMismatch, type Mismatch, type Pattern } from '../../domain/event-pattern.ts';
import { HOPS, hopsOf, MAX_HOPS } from '../../domain/hops.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { eventHash, toWorkflowId } from '../../domain/workflow-id.ts';
import { containsRawJson, placeholderText, stringifyWithRawJson, type Template } from './template.ts';

/** One row of the routes file: which events start or signal which workflow, under which id, with which argument. */
export interface Route {
  readonly name: string;
  readonly match: Pattern;
  readonly workflow: string;
  readonly queue: string;
  readonly id: Template;
  /** Absent: the whole event in CloudEvents' JSON format. */
  readonly input?: Template;
  /** The id as the template gives it, without the event's hash. */
  readonly exact: boolean;
  /** The signal to send; the workflow is started with it where it does not run. */
  readonly signal?: string;
  /** The id has the slot of a time: who posts first has that slot's run. */
  readonly slotted?: boolean;
  /** Events that are older, by their `time`, are not started. */
  readonly expiresMs?: number;
  /** The run starts this much later. */
  readonly delayMs?: number;
}

/** What a matched event starts, or signals where there is a `signal`. */
export interface RunRequest {
  readonly route: string;
  readonly workflow: string;
  readonly queue: string;
  readonly workflowId: string;
  readonly argument: unknown;
  /** The argument in JSON, where it is not to be what `argument` would become. */
  readonly argumentText?: string;
  readonly signal?: string;
  readonly delayMs?: number;
}

/** What one route makes of one event. */
export type RouteDecision =
  | { readonly verdict: 'start'; readonly start: RunRequest }
  | { readonly verdict: 'no match'; readonly mismatch: Mismatch }
  | { readonly verdict: 'expired'; readonly reason: string }
  /** It matches, and cannot be started: sent again, it is the same. */
  | { readonly verdict: 'refused'; readonly reason: string };

/** An event, and the object that patterns and templates see: CloudEvents' JSON format. */
export interface EventWithView {
  readonly event: CloudEvent;
  readonly view: Readonly<Record<string, unknown>>;
}

/** Clocks differ by less; an event from further ahead would have the run of a slot that is to come. */
const MAX_AHEAD_MS = 5 * 60 * 1_000;

/** Decides what `route` makes of an event at an instant (epoch ms). */
export function evaluateRoute(route: Route, { event, view }: EventWithView, now: number): RouteDecision {
  const mismatch = firstMismatch(route.match, view);
  if (mismatch !== undefined) return { verdict: 'no match', mismatch };
  const late = expiredReason(event, now) ?? tooOldReason(route, event, now);
  if (late !== undefined) return { verdict: 'expired', reason: late };
  const early = tooFarAheadReason(route, event, now);
  if (early !== undefined) return { verdict: 'refused', reason: early };
  if (hopsOf(event.attributes) >= MAX_HOPS) {
    const reason = `route ${route.name}: the event went through ${MAX_HOPS} runs (${HOPS}), each caused by the one before`;
    return { verdict: 'refused', reason };
  }
  try {
    return { verdict: 'start', start: buildRunRequest(route, event, view) };
  } catch (error) {
    return { verdict: 'refused', reason: `route ${route.name}: ${messageOf(error)}` };
  }
}

/** The extension `expirytime`, at or before which the instant must not be. */
function expiredReason({ attributes }: CloudEvent, now: number): string | undefined {
  const at = parseTimestampMs(String(attributes.expirytime ?? ''));
  return at !== undefined && at <= now ? `the event expired at ${String(attributes.expirytime)}` : undefined;
}

/** An event without a time cannot be too old. */
function tooOldReason({ name, expiresMs }: Route, { time }: CloudEvent, now: number): string | undefined {
  const at = expiresMs === undefined || time === undefined ? undefined : parseTimestampMs(time);
  if (expiresMs === undefined || at === undefined || now - at <= expiresMs) return undefined;
  return `route ${name}: the event is of ${time}, over ${expiresMs / 1_000} s old`;
}

/** Only where the time decides what is started. */
function tooFarAheadReason(
  { name, expiresMs, slotted }: Route,
  { time }: CloudEvent,
  now: number,
): string | undefined {
  const at = time === undefined ? undefined : parseTimestampMs(time);
  if (at === undefined || at - now <= MAX_AHEAD_MS || (expiresMs === undefined && !slotted)) return undefined;
  return `route ${name}: the event is of ${time}, more than ${MAX_AHEAD_MS / 1_000} s ahead of now`;
}

function buildRunRequest(route: Route, event: CloudEvent, view: EventWithView['view']): RunRequest {
  const { source, id } = event;
  const { name, workflow, queue, exact, signal, delayMs } = route;
  const seen = { view, dataText: event.data?.bytes === undefined ? event.data?.text : undefined };
  const text = placeholderText(route.id.fill(seen), 'its id');
  if (text === '') throw new Error('its id is empty');
  return {
    route: name,
    workflow,
    queue,
    workflowId: toWorkflowId(exact || signal !== undefined ? text : `${text}:${eventHash(name, source, id)}`),
    ...(route.input === undefined
      ? { argument: view, argumentText: toJsonText(event) }
      : buildArgument(route.input.fill(seen))),
    ...(signal === undefined ? {} : { signal }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

function buildArgument(filled: unknown): Pick<RunRequest, 'argument' | 'argumentText'> {
  if (!containsRawJson(filled)) return { argument: filled };
  const argumentText = stringifyWithRawJson(filled);
  return { argument: JSON.parse(argumentText), argumentText };
}
