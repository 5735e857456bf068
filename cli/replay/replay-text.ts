import { hasFailed, statusText } from '../runs/describe-run.ts';
import { oneLine, shellQuote } from '../terminal-text.ts';
import type { ReplayResult } from './replay-one.ts';

/** Numbers of requests that were sent, stay parked, or got no answer. */
export interface ReplayCounts {
  readonly sent: number;
  readonly wrong: number;
  readonly unreachable: number;
}

const OUTCOME_TEXT = { sent: 'sent again', wrong: 'still wrong', unreachable: 'unreachable' } as const;

/** Counts outcomes. */
export function countResults(requests: readonly ReplayResult[]): ReplayCounts {
  const countOf = (outcome: ReplayResult['outcome']) =>
    requests.filter((request) => request.outcome === outcome).length;
  return { sent: countOf('sent'), wrong: countOf('wrong'), unreachable: countOf('unreachable') };
}

/** `12 sent again, 2 still wrong, 1 unreachable`. Zero counts are omitted, except the first. */
export const summaryText = ({ sent, wrong, unreachable }: ReplayCounts): string =>
  [
    `${sent} ${OUTCOME_TEXT.sent}`,
    ...(wrong === 0 ? [] : [`${wrong} ${OUTCOME_TEXT.wrong}`]),
    ...(unreachable === 0 ? [] : [`${unreachable} ${OUTCOME_TEXT.unreachable}`]),
  ].join(', ');

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
