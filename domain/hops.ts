/**
 * The extension attribute of events that Sluice emits. Its value is the number of runs in the chain that led to them.
 */
export const HOPS = 'sluicehops';

/** An event with this many hops is part of a loop and starts no more runs. */
export const MAX_HOPS = 16;

/** Returns the hops of an event; 0 if the attribute is missing or invalid. In headers the value is a text. */
export function hopsOf(attributes: Readonly<Record<string, unknown>>): number {
  const text = String(attributes[HOPS] ?? '');
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
