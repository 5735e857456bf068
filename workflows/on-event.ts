import {
  defineSignal,
  type SignalDefinition,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { hopsOf } from '../domain/hops.ts';
import { searchAttributeKeywords } from '../domain/search-attribute-keyword.ts';
import {
  addListedId,
  addSeenKey,
  decodeCarried,
  encodeCarried,
  eventKey,
  type SignalledEvent,
} from '../domain/signal-deduplication.ts';
import { recordHops, signalledHops } from './next-hops.ts';
import { eventIdKey } from './search-attributes.ts';

/** The events that a run has seen, to pass on when it continues as new. */
export interface SeenEvents {
  /**
   * Returns the state for the next run: at most 1,000 events and 65,536 characters, and the highest hop count of all
   * events.
   */
  carried(): readonly string[];
  /** Adds the ids of new events to `EventId`. Only needed if `onEvent` was called with `later`. */
  recordIds(): void;
}

/**
 * Handles the signal that a route sends with `signal`. Calls `handle` once for each event, even if the event is
 * delivered several times. Adds the event's id to the search attribute `EventId`. `nextHops` then also counts the
 * event's hops. Call `onEvent` before anything else in the workflow. If the workflow continues as new, pass the next
 * run an argument: the list that the result's `carried()` returns. The next run must pass this list to `onEvent` as
 * `carried`.
 *
 * A hosted Temporal bills each change of `EventId`. With `later`, only `recordIds()` of the result changes it, so that
 * a run can record many events at once.
 */
export function onEvent<Input>(
  signal: SignalDefinition<[SignalledEvent<Input>]> | string,
  handle: (input: Input, event: SignalledEvent['event']) => void | Promise<void>,
  carried: readonly string[] = [],
  record: 'now' | 'later' = 'now',
): SeenEvents {
  const before = decodeCarried(carried);
  let { seen } = before;
  let unrecorded: string[] = [];
  recordHops(before.hops);
  const definition = typeof signal === 'string' ? defineSignal<[SignalledEvent<Input>]>(signal) : signal;
  setHandler(definition, ({ event, input }) => {
    const key = eventKey(event);
    if (seen.includes(key)) return;
    seen = addSeenKey(seen, key);
    if (record === 'now') recordEventIds([event.id]);
    else unrecorded.push(event.id);
    recordHops(hopsOf(event));
    return handle(input, event);
  });
  return {
    carried: () => encodeCarried(seen, signalledHops()),
    recordIds() {
      recordEventIds(unrecorded);
      unrecorded = [];
    },
  };
}

function recordEventIds(ids: readonly string[]): void {
  const before = workflowInfo().typedSearchAttributes.get(eventIdKey) ?? [];
  const after = ids.reduce(listWith, before);
  if (after.length !== before.length || after.some((value, index) => value !== before[index]))
    upsertSearchAttributes([{ key: eventIdKey, value: [...after] }]);
}

/** Adds an id to the list. If the list already has the id in the form of an earlier build, keeps that form. */
function listWith(list: readonly string[], id: string): readonly string[] {
  const [keyword = id, ...earlier] = searchAttributeKeywords(id);
  return addListedId(list, earlier.find((form) => list.includes(form)) ?? keyword);
}
