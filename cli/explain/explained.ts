import type { Explanation } from '../../gateway/operator/explain.ts';

/** What a request holds, explained, or the sentence that says why it holds no event. */
export type Explained =
  | { readonly batch: boolean; readonly events: readonly Explanation[] }
  | { readonly refused: string };

/** One form for the two that `POST /explain` answers. */
export const toExplained = (answer: Explanation | { readonly events: readonly Explanation[] }): Explained =>
  'events' in answer ? { batch: true, events: answer.events } : { batch: false, events: [answer] };
