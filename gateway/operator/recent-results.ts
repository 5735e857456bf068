import type { EventOutcome, EventResult } from '../temporal/event-result.ts';

/** What this process did with an event, as `GET /events/…?recent` shows it. */
export interface RecentResult {
  readonly time: string;
  readonly outcome: EventOutcome;
  readonly route?: string;
  readonly workflowId?: string;
  readonly reason?: string;
}

/** The results that this process remembers. Temporal has no trace of events that started nothing. */
export interface RecentResults {
  /** When this process began to remember: RFC 3339. */
  readonly since: string;
  add(result: EventResult): void;
  /** Returns the latest results of an event, oldest first. */
  of(event: { readonly source: string; readonly id: string }): readonly RecentResult[];
}

/** The results of this many events take some hundred kilobytes. */
const MAX_EVENTS = 500;

/** Many events may match no route. Their results must not displace those of other events. */
const MAX_UNMATCHED_EVENTS = 200;

/**
 * Anybody can send requests without valid credentials, also with the ids of other senders' events. The results of such
 * requests must not displace other results.
 */
const MAX_UNAUTHORISED_EVENTS = 100;
const MAX_RESULTS_PER_EVENT = 8;
const MAX_REASON_CHARACTERS = 300;

/** Longer identities would need much memory. */
const MAX_KEY_CHARACTERS = 1_000;

/** A result with its time in epoch ms. To format the time of each event would take processor time. */
type TimedResult = Omit<RecentResult, 'time'> & { readonly at: number };

export function createRecentResults(now: () => Date = () => new Date()): RecentResults {
  const others = new Map<string, TimedResult[]>();
  const unmatched = new Map<string, TimedResult[]>();
  const unauthorised = new Map<string, TimedResult[]>();
  return {
    since: now().toISOString(),
    add({ event, outcome, route, workflowId, reason, isUnauthorised }) {
      if (event?.source === undefined || event.id === undefined) return;
      const key = keyOf({ source: event.source, id: event.id });
      if (key.length > MAX_KEY_CHARACTERS) return;
      const result = {
        ...{ at: now().getTime(), outcome },
        ...(route === undefined ? {} : { route }),
        ...(workflowId === undefined ? {} : { workflowId }),
        ...(reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON_CHARACTERS) }),
      };
      if (isUnauthorised) remember(unauthorised, MAX_UNAUTHORISED_EVENTS, key, result);
      else if (outcome === 'unmatched') remember(unmatched, MAX_UNMATCHED_EVENTS, key, result);
      else remember(others, MAX_EVENTS, key, result);
    },
    of: (event) =>
      [unauthorised, unmatched, others]
        .flatMap((results) => results.get(keyOf(event)) ?? [])
        .map(({ at, ...result }) => ({ time: new Date(at).toISOString(), ...result })),
  };
}

function remember(
  byEvent: Map<string, TimedResult[]>,
  maxEvents: number,
  key: string,
  result: TimedResult,
): void {
  const results = [...(byEvent.get(key) ?? []), result].slice(-MAX_RESULTS_PER_EVENT);
  // The event is now the latest one.
  byEvent.delete(key);
  byEvent.set(key, results);
  if (byEvent.size > maxEvents) byEvent.delete(byEvent.keys().next().value ?? '');
}

const keyOf = ({ source, id }: { readonly source: string; readonly id: string }): string =>
  JSON.stringify([source, id]);
