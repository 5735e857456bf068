import { ApplicationFailure, TemporalFailure } from '@temporalio/workflow';

/** `SourceGone`: the archive was deleted. `SourceChanged`: it was replaced. */
const SUPERSEDED_TYPES: ReadonlySet<string> = new Set(['SourceGone', 'SourceChanged']);

/**
 * True for the type of a failure which means that the archive was deleted or replaced. Then this run has nothing to do:
 * if the archive was replaced, the new version has another event.
 */
export const meansSuperseded = (type: string): boolean => SUPERSEDED_TYPES.has(type);

/** Returns the type and message of the failure at the root of a chain of causes. */
export function rootFailureOf(error: unknown): { type: string; message: string } {
  let root = error;
  while (
    root instanceof TemporalFailure &&
    !(root instanceof ApplicationFailure) &&
    root.cause !== undefined
  ) {
    root = root.cause;
  }
  if (root instanceof ApplicationFailure) return { type: root.type ?? 'Failed', message: root.message };
  return root instanceof Error
    ? { type: root.name, message: root.message }
    : { type: 'Failed', message: String(root) };
}
