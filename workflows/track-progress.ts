import type { SearchAttributePair } from '@temporalio/common';
import { defineQuery, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Progress } from '../domain/temporal-contract.ts';
import { phaseKey } from './search-attributes.ts';

/** The progress of a run. Every workflow answers it. */
export const progressQuery = defineQuery<Progress>('progress');

/** A run's progress, shown by the query, the search attribute `Phase` and the details in the UI. */
export interface ProgressTracker {
  /** Enters a phase. `more` are search attributes that become known in it. */
  enter(phase: string, more?: SearchAttributePair[]): void;
  update(change: Partial<Omit<Progress, 'phase'>>): void;
}

export function trackProgress(unit: string): ProgressTracker {
  let now: Progress = { phase: '', done: 0, total: 0, unit, failed: 0, note: '' };
  const show = (next: Progress): void => {
    now = next;
    const count = now.total > 0 ? `: ${now.done} of ${now.total} ${now.unit}` : '';
    setCurrentDetails(`**${now.phase}**${count}${now.note ? ` (${now.note})` : ''}`);
  };
  setHandler(progressQuery, () => now, { description: 'The progress of the run' });
  return {
    enter(phase, more = []) {
      show({ ...now, phase });
      upsertSearchAttributes([{ key: phaseKey, value: phase }, ...more]);
    },
    update: (change) => show({ ...now, ...change }),
  };
}
