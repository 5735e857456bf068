import { HOPS, hopsOf } from './hops.ts';

/** What a signal of a route carries, as its only argument; the event's hops where there are some. */
export interface SignalledEvent<Input = unknown> {
  readonly event: { readonly source: string; readonly id: string; readonly [HOPS]?: number };
  readonly input: Input;
}

/** The server takes a KeywordList up to about this size. */
const MAX_LISTED_IDS = 20;
const MAX_LISTED_BYTES = 2_000;

/** How many events a run remembers; a sender that comes again has given up long before. */
const MAX_SEEN_EVENTS = 1_000;
const MAX_SEEN_CHARACTERS = 64 * 1024;

/** The identity of an event, as a run remembers it. */
export const eventKey = ({ source, id }: SignalledEvent['event']): string => JSON.stringify([source, id]);

/** `seen` with one more at its end; the oldest go when there are more than 1,000, or they are over 64 KiB. */
export function addSeenKey(seen: readonly string[], key: string): string[] {
  const kept = [...seen.slice(-(MAX_SEEN_EVENTS - 1)), key];
  let characters = kept.reduce((sum, { length }) => sum + length, 0);
  while (characters > MAX_SEEN_CHARACTERS && kept.length > 1) characters -= kept.shift()?.length ?? 0;
  return kept;
}

/** What a run that continues as new hands on: the events seen, and their most hops, where there are some. */
export const encodeCarried = (seen: readonly string[], hops: number): readonly string[] =>
  hops === 0 ? seen : [...seen, JSON.stringify({ [HOPS]: hops })];

/** What `encodeCarried` handed on. */
export function decodeCarried(carried: readonly string[]): { seen: readonly string[]; hops: number } {
  // The keys of events are arrays.
  const isHops = (entry: string): boolean => entry.startsWith('{');
  const hops = carried.filter(isHops).map((entry) => hopsOf(JSON.parse(entry) as Record<string, unknown>));
  return { seen: carried.filter((entry) => !isHops(entry)), hops: Math.max(0, ...hops) };
}

/**
 * The search attribute `EventId` after one more event: the one that started the run, then the last that signalled it,
 * at most 20 and at most 2,000 bytes as JSON, the oldest signalled dropped first.
 */
export function addListedId([first, ...signalled]: readonly string[], id: string): string[] {
  if (first === undefined) return [id];
  if (first === id || signalled.includes(id)) return [first, ...signalled];
  const kept = [...signalled, id].slice(-(MAX_LISTED_IDS - 1));
  while (kept.length > 0 && jsonBytes([first, ...kept]) > MAX_LISTED_BYTES) kept.shift();
  return [first, ...kept];
}

/** In UTF-8, counted without Buffer, which workflows do not have. */
const jsonBytes = (value: unknown): number =>
  encodeURIComponent(JSON.stringify(value)).replace(/%../g, '.').length;
