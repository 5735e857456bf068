import { binaryEvent } from '../runtime/binary-event.ts';
import type { ChangeEvent } from './change-event.ts';
import type { PostEvent, Posted } from './sink.ts';

/**
 * Gives an event that the sink will not have to the dead-letter sink, with the reason as attribute `sluiceerror`. Where
 * that finds it too large, it gets the key without the columns: so the row is known, and its channel goes on. Without
 * a dead-letter sink nobody takes it.
 */
export async function setAside(
  deadLetter: PostEvent | undefined,
  { attributes, body, data }: ChangeEvent,
  reason: string,
  signal: AbortSignal,
): Promise<Posted> {
  if (deadLetter === undefined) return { outcome: 'unavailable', reason };
  const all = { ...attributes, sluiceerror: reason };
  const kept = await deadLetter(binaryEvent(all, body), signal);
  if (kept.outcome !== 'refused' || kept.tooLarge !== true) return kept;
  const { key, operation, base, ...columns } = data;
  // `base` is left out of JSON where it is absent.
  const less = { key, operation, base, omitted: Object.keys(columns) };
  return deadLetter(binaryEvent(all, JSON.stringify(less)), signal);
}
