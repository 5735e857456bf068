import type { SearchAttributePair } from '@temporalio/common';
import {
  defineQuery,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { markdownText } from '../domain/markdown-text.ts';
import type { Progress } from '../domain/temporal-contract.ts';
import { phaseKey } from './search-attributes.ts';

/** The query for a run's progress. Every workflow answers this query. */
export const progressQuery = defineQuery<Progress>('progress');

/** A run's progress, shown by the query, the search attribute `Phase` and the details in the UI. */
export interface ProgressTracker {
  /** Enters a phase. Also sets `attributes`: search attributes that are known from this phase on. */
  enter(phase: string, attributes?: SearchAttributePair[]): void;
  /** Enters the first phase. Sets only the attributes that the run was not started with. */
  enterFirst(phase: string, attributes: SearchAttributePair[]): void;
  /** Shows a phase. Does not set the search attribute, because a hosted Temporal bills this as an action. */
  show(phase: string): void;
  update(change: Partial<Omit<Progress, 'phase'>>): void;
}

/** The maximum length of the note. The UI shows the details of a run on one line. */
const MAX_NOTE_LENGTH = 500;

export function trackProgress(unit: string): ProgressTracker {
  let current: Progress = { phase: '', done: 0, total: 0, unit, failed: 0, note: '' };
  const show = (next: Progress): void => {
    current = next;
    const count = current.total > 0 ? `: ${current.done} of ${current.total} ${current.unit}` : '';
    const note = current.note ? ` (${markdownText(current.note, MAX_NOTE_LENGTH)})` : '';
    setCurrentDetails(`**${current.phase}**${count}${note}`);
  };
  setHandler(progressQuery, () => current, { description: 'The progress of the run' });
  return {
    enter(phase, attributes = []) {
      show({ ...current, phase });
      upsertSearchAttributes([{ key: phaseKey, value: phase }, ...attributes]);
    },
    enterFirst(phase, attributes) {
      show({ ...current, phase });
      const atStart = workflowInfo().typedSearchAttributes;
      const missing = [{ key: phaseKey, value: phase }, ...attributes].filter(
        ({ key }) => atStart.get(key) === undefined,
      );
      if (missing.length > 0) upsertSearchAttributes(missing);
    },
    show: (phase) => show({ ...current, phase }),
    update: (change) => show({ ...current, ...change }),
  };
}
