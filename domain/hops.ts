/** The extension that events of ours carry: how many runs, one causing the next, led to them. */
export const HOPS = 'sluicehops';

/** An event that came about through this many runs goes round in a circle, and starts no more. */
export const MAX_HOPS = 16;

/** The hops of an event; none, or nonsense, is 0. Headers carry it as text. */
export function hopsOf(attributes: Readonly<Record<string, unknown>>): number {
  const text = String(attributes[HOPS] ?? '');
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
