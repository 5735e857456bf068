import { HOPS, hopsOf } from './hops.ts';

/** The only argument of a route's signal. `event` also has the hop count if the CloudEvent has the extension. */
export interface SignalledEvent<Input = unknown> {
  readonly event: { readonly source: string; readonly id: string; readonly [HOPS]?: number };
  readonly input: Input;
}

/** Limits for the ids in the search attribute `EventId`. The server accepts a KeywordList of this size. */
const MAX_LISTED_IDS = 20;
const MAX_LISTED_BYTES = 2_000;

/** The number of events that a run remembers. A sender stops its retries long before this number is reached. */
const MAX_SEEN_EVENTS = 1_000;
const MAX_SEEN_CHARACTERS = 64 * 1024;

/** Returns the identity of an event for deduplication. */
export const eventKey = ({ source, id }: SignalledEvent['event']): string => JSON.stringify([source, id]);

/** Appends a key to `seen`, and drops the oldest keys above 1,000 keys or 65,536 characters. */
export function addSeenKey(seen: readonly string[], key: string): string[] {
  const kept = [...seen.slice(-(MAX_SEEN_EVENTS - 1)), key];
  let characters = kept.reduce((sum, { length }) => sum + length, 0);
  while (characters > MAX_SEEN_CHARACTERS && kept.length > 1) characters -= kept.shift()?.length ?? 0;
  return kept;
}

/** Encodes the state that a run passes on when it continues as new: the seen events, and their highest hop count. */
export const encodeCarried = (seen: readonly string[], hops: number): readonly string[] =>
  hops === 0 ? seen : [...seen, JSON.stringify({ [HOPS]: hops })];

/** Decodes the result of `encodeCarried`. */
export function decodeCarried(carried: readonly string[]): { seen: readonly string[]; hops: number } {
  // The keys of events are JSON arrays, so they start with `[`.
  const isHops = (entry: string): boolean => entry.startsWith('{');
  const hops = carried.filter(isHops).map((entry) => hopsOf(JSON.parse(entry) as Record<string, unknown>));
  return { seen: carried.filter((entry) => !isHops(entry)), hops: Math.max(0, ...hops) };
}

/**
 * Returns the search attribute `EventId` after one more event. Its first id is that of the event that started the run.
 * The other ids are those of the latest events that signalled the run. There are at most 20 ids and 2,000 bytes as
 * JSON; the oldest ids of signals are dropped first.
 */
export function addListedId([first, ...signalled]: readonly string[], id: string): string[] {
  if (first === undefined) return [id];
  if (first === id || signalled.includes(id)) return [first, ...signalled];
  const kept = [...signalled, id].slice(-(MAX_LISTED_IDS - 1));
  while (kept.length > 0 && jsonBytes([first, ...kept]) > MAX_LISTED_BYTES) kept.shift();
  return [first, ...kept];
}

/** Counts UTF-8 bytes without Buffer, which workflows do not have. */
const jsonBytes = (value: unknown): number =>
  encodeURIComponent(JSON.stringify(value)).replace(/%../g, '.').length;
