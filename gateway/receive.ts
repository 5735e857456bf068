import type { CloudEvent } from '../domain/cloud-event.ts';
import { InvalidInput, messageOf, Unavailable } from '../domain/errors.ts';
import { BadEvent } from './decode/bad-event.ts';
import { type Decoded, decodeRequest, type RawRequest } from './decode/decode-request.ts';
import { type Route, type Start, startsFor } from './routes/route.ts';
import type { Starter } from './starter.ts';

/** What became of one event on one route, or of one event or request that reached none. */
export type Outcome = 'started' | 'duplicate' | 'unmatched' | 'rejected' | 'deferred';

/** An HTTP answer; `error` is the one sentence of the body, absent where the body is empty. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export interface Received {
  readonly event?: CloudEvent;
  readonly route?: string;
  readonly workflowId?: string;
  readonly outcome: Outcome;
  readonly reason?: string;
}

export interface ReceiveDeps {
  readonly routes: readonly Route[];
  readonly start: Starter;
  /** Told once for every event and route: for the log and the metrics. */
  readonly onReceived: (received: Received) => void;
}

/** Seconds after which a sender should come again. */
const RETRY_AFTER = '2';

/** What Temporal has not taken this long after the request came is answered 503; senders give up at five seconds. */
const DEADLINE_MS = 3_000;

/** Starts of one batch under way at a time. */
const PARALLEL = 16;

/**
 * Takes a request: decodes it, finds its routes, and starts their workflows. It is acknowledged, with 202 and an empty
 * body, only when every start is stored in Temporal; what is invalid is refused whole, before anything is started.
 */
export async function receive(request: RawRequest, deps: ReceiveDeps): Promise<Reply> {
  let decoded: Decoded;
  let starts: { start: Start; event: CloudEvent }[];
  try {
    decoded = decodeRequest(request);
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    deps.onReceived({ outcome: 'rejected', reason: error.message });
    return { status: error.status, error: error.message };
  }
  try {
    starts = decoded.events.flatMap((event) => startsOf(event, deps));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    deps.onReceived({ outcome: 'rejected', reason: error.message });
    return { status: 422, error: error.message };
  }
  const failures = await startAll(starts, deps, Date.now() + DEADLINE_MS);
  const refused = failures.find((error) => error instanceof InvalidInput);
  const unavailable = failures.find((error) => error instanceof Unavailable);
  if (unavailable !== undefined) {
    return { status: 503, headers: { 'Retry-After': RETRY_AFTER }, error: messageOf(unavailable) };
  }
  if (refused !== undefined) return { status: 422, error: messageOf(refused) };
  if (failures.length > 0) throw failures[0];
  const [event] = decoded.events;
  if (decoded.batch || event === undefined || starts.length === 0) return { status: 202 };
  return { status: 202, headers: { Location: locationOf(event) } };
}

/** Where the runs of an event can be looked up. */
export const locationOf = ({ source, id }: CloudEvent): string =>
  `/events/${encodeURIComponent(source)}/${encodeURIComponent(id)}`;

function startsOf(
  event: CloudEvent,
  { routes, onReceived }: ReceiveDeps,
): { start: Start; event: CloudEvent }[] {
  const starts = startsFor(routes, event);
  if (starts.length === 0) onReceived({ event, outcome: 'unmatched' });
  return starts.map((start) => ({ start, event }));
}

async function startAll(
  starts: readonly { start: Start; event: CloudEvent }[],
  { start: startRun, onReceived }: ReceiveDeps,
  deadline: number,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  let unavailable: Unavailable | undefined;
  const queue = starts.values();
  const lane = async (): Promise<void> => {
    for (const { start, event } of queue) {
      const about = { event, route: start.route, workflowId: start.workflowId };
      try {
        // The sender waits for the whole batch: where one start was late, the others are not even tried.
        if (unavailable !== undefined) throw unavailable;
        if (Date.now() >= deadline) throw new Unavailable('Late', 'no time was left to start its workflow');
        onReceived({ ...about, outcome: await startRun(start, event, deadline) });
      } catch (error) {
        failures.push(error);
        if (error instanceof Unavailable) unavailable = error;
        const outcome = error instanceof InvalidInput ? 'rejected' : 'deferred';
        onReceived({ ...about, outcome, reason: messageOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, starts.length) }, lane));
  return failures;
}
