import { ApplicationFailure, TemporalFailure } from '@temporalio/workflow';

const SUPERSEDING_TYPES: ReadonlySet<string> = new Set(['SourceGone', 'SourceChanged']);

/** Whether a failure means that the source is gone or another version: that version's own event does the work. */
export const isSuperseding = (type: string): boolean => SUPERSEDING_TYPES.has(type);

/** The failure at the root of a chain of causes: its class, and the sentence that people should read. */
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
