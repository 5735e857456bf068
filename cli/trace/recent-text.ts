import type { RecentResult } from '../../gateway/operator/recent-results.ts';
import { ageText, oneLine } from '../terminal-text.ts';

/** Explains why an event has no run: what the gateway did with it, or that the gateway does not remember the event. */
export function noRunLines(recent: readonly RecentResult[], since: string | undefined): string[] {
  if (recent.length > 0) return recent.map((result) => `${ageText(result.time)}: ${resultText(result)}`);
  if (since === undefined) return [];
  return [
    `this gateway does not remember the event; since the gateway's start ${ageText(since)}, it remembers the latest 500 events that matched a route, and the latest 200 that matched none`,
    'if the gateway has other replicas, one of them may have received it',
  ];
}

/** One line for each time at which a sender used the id of the event for other content. */
export const conflictLines = (recent: readonly RecentResult[]): string[] =>
  recent
    .filter(({ outcome }) => outcome === 'conflict')
    .map((result) => `${ageText(result.time)}: ${resultText(result)}`);

function resultText({ outcome, route = '', workflowId = '', reason }: RecentResult): string {
  const why = reason === undefined ? '' : ` (${oneLine(reason, 300)})`;
  switch (outcome) {
    case 'unmatched':
      return `no route matched it${why}`;
    case 'expired':
      return `route ${route} did not start a run, because the event had expired${why}`;
    case 'unawaited':
      return `route ${route} found no open run ${oneLine(workflowId)}, and starts none`;
    case 'duplicate':
      return `route ${route} did not start a run, because ${oneLine(workflowId)} exists; another event with the same workflow id may have started it`;
    case 'conflict':
      return `conflict: an event with the same id but other content was sent to route ${route}; ${oneLine(workflowId)} keeps the first content`;
    default:
      return `${outcome}${route === '' ? '' : ` by route ${route}`}${why}`;
  }
}
