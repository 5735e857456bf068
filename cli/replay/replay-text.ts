import { hasFailed, statusText } from '../runs/describe-run.ts';
import { oneLine, shellQuote } from '../terminal-text.ts';
import type { ReplayResult } from './replay-one.ts';

/** Numbers of requests by outcome. */
export interface ReplayCounts {
  readonly sent: number;
  readonly wrong: number;
  readonly skipped: number;
  readonly unreachable: number;
}

const OUTCOME_TEXT = {
  sent: 'sent again',
  wrong: 'still wrong',
  skipped: 'skipped',
  unreachable: 'unreachable',
} as const;

/** Counts outcomes. */
export function countResults(requests: readonly ReplayResult[]): ReplayCounts {
  const countOf = (outcome: ReplayResult['outcome']) =>
    requests.filter((request) => request.outcome === outcome).length;
  return {
    ...{ sent: countOf('sent'), wrong: countOf('wrong') },
    ...{ skipped: countOf('skipped'), unreachable: countOf('unreachable') },
  };
}

/** `12 sent again, 2 still wrong, 1 unreachable`. Zero counts are omitted, except the first. */
export const summaryText = (counts: ReplayCounts): string =>
  (['sent', 'wrong', 'skipped', 'unreachable'] as const)
    .filter((outcome) => outcome === 'sent' || counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${OUTCOME_TEXT[outcome]}`)
    .join(', ');

/** How to send skipped requests. */
export const skippedLines = ({ skipped }: ReplayCounts): string[] =>
  skipped === 0
    ? []
    : [
        'skipped: the sender of the request may not send its events. `sluice parked show <id>` shows the request, and',
        '`sluice replay <id> --as-operator` sends its events as your own.',
      ];

/** The line of one request: outcome, id, and its run or the reason. */
export function resultText({ id, event, outcome, status, reason, runs }: ReplayResult): string {
  const name = [event.source, event.type, event.id].map((text) => oneLine(text ?? '-', 40)).join(' ');
  const answered = status === null || outcome === 'sent' ? '' : `${status}: `;
  const why = reason === null ? runs.map(({ workflowId }) => workflowId).join(', ') : oneLine(reason, 500);
  return `${OUTCOME_TEXT[outcome].padEnd(11)}  ${id}  ${name}\n${' '.repeat(13)}${answered}${why}`;
}

/** The commands that retry failed runs. A replay of their events does not start these runs again. */
export function failedRunLines(requests: readonly ReplayResult[]): string[] {
  const failed = new Map(
    requests.flatMap(({ runs }) =>
      runs.flatMap(({ workflowId, status }) => (hasFailed(status) ? [[workflowId, status] as const] : [])),
    ),
  );
  if (failed.size === 0) return [];
  const lines = [...failed].map(
    ([id, status]) => `  sluice runs retry ${shellQuote(id)}   # ${statusText(status)}`,
  );
  return ['these runs have failed, and their event does not start them again:', ...lines];
}
