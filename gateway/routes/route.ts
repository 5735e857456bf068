import { type CloudEvent, toJsonText } from '../../domain/cloud-event.ts';
import { InvalidInput, messageOf } from '../../domain/errors.ts';
import { attributesMatch, firstMismatch, type Mismatch, type Pattern } from '../../domain/event-pattern.ts';
import { containsExactNumber, stringifyExactJson } from '../../domain/exact-json.ts';
import { HOPS, hopsOf, MAX_HOPS } from '../../domain/hops.ts';
import { reservedIdProblem } from '../../domain/reserved-ids.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { eventHash, toWorkflowId } from '../../domain/workflow-id.ts';
import { type RouteAttribute, toRouteAttributes } from './route-attributes.ts';
import { placeholderText, type Template } from './template.ts';

/** One route of the routes file: which events start or signal which workflow, with which id and argument. */
export interface Route {
  readonly name: string;
  readonly match: Pattern;
  readonly workflow: string;
  readonly queue: string;
  readonly id: Template;
  /** Absent: the whole event in CloudEvents' JSON format. */
  readonly input?: Template;
  /**
   * True if the id is the filled template alone, without the hash of the event. If the route has a `signal`, the id
   * never contains the hash, whatever the value of `exact`.
   */
  readonly exact: boolean;
  /** True if the id keeps the letters of all scripts. */
  readonly readable: boolean;
  /** The signal to send. If no run is open, the signal also starts a run. */
  readonly signal?: string;
  /** False: the signal is sent only to an open run, and starts none. */
  readonly start?: false;
  /**
   * True if the id contains a time slot. With `exact`, each slot then has one run, which the first event of the slot
   * starts.
   */
  readonly slotted?: boolean;
  /** If an event's `time` is longer ago than this, the event starts nothing. */
  readonly expiresMs?: number;
  /** The delay before the run starts. */
  readonly delayMs?: number;
  /** The id may begin like the ids of Sluice's own runs. */
  readonly reserved?: 'allowed';
  /** Search attributes that the run is started with, and their names. */
  readonly attributes?: Template & { readonly names: readonly string[] };
}

/** The run that a matched event starts, or signals if `signal` is set. */
export interface RunRequest {
  readonly route: string;
  readonly workflow: string;
  readonly queue: string;
  readonly workflowId: string;
  readonly argument: unknown;
  /**
   * The argument in JSON, with numbers exactly as the sender wrote them. If it is undefined, the JSON is
   * `JSON.stringify(argument)`.
   */
  readonly argumentText?: string;
  readonly signal?: string;
  /** False: the signal starts no run. */
  readonly start?: false;
  readonly delayMs?: number;
  readonly attributes?: readonly RouteAttribute[];
}

/** The decision of one route about one event. */
export type RouteDecision =
  | { readonly verdict: 'start'; readonly runRequest: RunRequest }
  /** `reason` is present if the route looks into `data`, and the event's data is bytes. */
  | { readonly verdict: 'no match'; readonly mismatch: Mismatch; readonly reason?: string }
  | { readonly verdict: 'expired'; readonly reason: string }
  /**
   * The event matches, but it can start or signal no run. A retry gives the same result, unless the event's time was
   * too far in the future.
   */
  | { readonly verdict: 'refused'; readonly reason: string };

/** An event, and its CloudEvents JSON format, which patterns and templates read. */
export interface EventWithJson {
  readonly event: CloudEvent;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The maximum difference of clocks. An event with a later time could start the run of a future time slot. */
const MAX_AHEAD_MS = 5 * 60 * 1_000;

/** Decides what `route` does with an event at the instant `now` (epoch ms). */
export function evaluateRoute(route: Route, { event, json }: EventWithJson, now: number): RouteDecision {
  const mismatch = firstMismatch(route.match, json);
  if (mismatch !== undefined) {
    const reason = bytesReason(route, { event, json }, mismatch);
    return { verdict: 'no match', mismatch, ...(reason === undefined ? {} : { reason }) };
  }
  const expired = expiredReason(event, now) ?? tooOldReason(route, event, now);
  if (expired !== undefined) return { verdict: 'expired', reason: expired };
  const tooFarAhead = tooFarAheadReason(route, event, now);
  if (tooFarAhead !== undefined) return { verdict: 'refused', reason: tooFarAhead };
  if (hopsOf(event.attributes) >= MAX_HOPS) {
    const reason = `route ${route.name}: the event comes from a chain of ${MAX_HOPS} runs (${HOPS}), perhaps a loop; allowed: fewer`;
    return { verdict: 'refused', reason };
  }
  try {
    return { verdict: 'start', runRequest: buildRunRequest(route, event, json) };
  } catch (error) {
    const problem = messageOf(error);
    const isAboutBytes = event.data?.bytes !== undefined && /\bdata\b/.test(problem);
    const why = isAboutBytes ? `; ${bytesText(event)}` : '';
    return { verdict: 'refused', reason: `route ${route.name}: ${problem}${why}` };
  }
}

/**
 * Explains why a pattern cannot match data that is bytes, if all attributes match. Many senders forget the content type
 * of JSON.
 */
function bytesReason(
  { match }: Route,
  { event, json }: EventWithJson,
  { actual }: Mismatch,
): string | undefined {
  if (event.data?.bytes === undefined || actual !== undefined || !attributesMatch(match, json))
    return undefined;
  return bytesText(event);
}

function bytesText({ attributes: { datacontenttype: type } }: CloudEvent): string {
  return `data is bytes because Content-Type is ${type === undefined ? 'missing' : JSON.stringify(type)}`;
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

/** Checks the time only if the route depends on it: with `expires`, or with a time slot in the id. */
function tooFarAheadReason(
  { name, expiresMs, slotted }: Route,
  { time }: CloudEvent,
  now: number,
): string | undefined {
  const at = time === undefined ? undefined : parseTimestampMs(time);
  if (at === undefined || at - now <= MAX_AHEAD_MS || (expiresMs === undefined && !slotted)) return undefined;
  return `route ${name}: the event's time ${time} is more than ${MAX_AHEAD_MS / 1_000} s in the future`;
}

function buildRunRequest(route: Route, event: CloudEvent, json: EventWithJson['json']): RunRequest {
  const { source, id } = event;
  const { name, workflow, queue, exact, readable, signal, start, delayMs } = route;
  const templateValues = { json };
  const text = placeholderText(route.id.fill(templateValues), 'its id');
  if (text === '') throw new Error('its id is empty');
  const workflowId = toWorkflowId(
    exact || signal !== undefined ? text : `${text}:${eventHash(name, source, id)}`,
    readable,
  );
  const reserved = reservedIdProblem(workflowId, route);
  if (reserved !== undefined) throw new InvalidInput('ReservedId', `its id ${reserved}`);
  return {
    route: name,
    workflow,
    queue,
    workflowId,
    ...(route.input === undefined
      ? { argument: json, argumentText: toJsonText(event) }
      : buildArgument(route.input.fill(templateValues))),
    ...(signal === undefined ? {} : { signal }),
    ...(start === undefined ? {} : { start }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(route.attributes === undefined
      ? {}
      : { attributes: toRouteAttributes(route.attributes.fill(templateValues)) }),
  };
}

function buildArgument(argument: unknown): Pick<RunRequest, 'argument' | 'argumentText'> {
  return containsExactNumber(argument)
    ? { argument, argumentText: stringifyExactJson(argument) }
    : { argument };
}
