import { hasFailed, statusText } from '../runs/describe-run.ts';
import { oneLine, shellWord } from '../terminal-text.ts';
import type { Replayed } from './replay-one.ts';

/** How many were sent again, stay parked because they are wrong, or were answered by nobody. */
export interface Tally {
  readonly sent: number;
  readonly wrong: number;
  readonly unreachable: number;
}

const WORDS = { sent: 'sent again', wrong: 'still wrong', unreachable: 'unreachable' } as const;

/** Counts outcomes. */
export function tally(requests: readonly Replayed[]): Tally {
  const of = (outcome: Replayed['outcome']) => requests.filter((one) => one.outcome === outcome).length;
  return { sent: of('sent'), wrong: of('wrong'), unreachable: of('unreachable') };
}

/** `12 sent again, 2 still wrong, 1 unreachable`; what there is none of is left out, but for the first. */
export const summaryOf = ({ sent, wrong, unreachable }: Tally): string =>
  [
    `${sent} ${WORDS.sent}`,
    ...(wrong === 0 ? [] : [`${wrong} ${WORDS.wrong}`]),
    ...(unreachable === 0 ? [] : [`${unreachable} ${WORDS.unreachable}`]),
  ].join(', ');

/** One request's line: what became of it, which it is, and its run or the reason. */
export function lineOf({ id, event, outcome, status, reason, runs }: Replayed): string {
  const name = [event.source, event.type, event.id].map((text) => oneLine(text ?? '-', 40)).join(' ');
  const answered = status === null || outcome === 'sent' ? '' : `${status}: `;
  const why = reason === null ? runs.map(({ workflowId }) => workflowId).join(', ') : oneLine(reason, 500);
  return `${WORDS[outcome].padEnd(11)}  ${id}  ${name}\n${' '.repeat(13)}${answered}${why}`;
}

/** What a person has to do about runs that had failed: their event never starts them again. */
export function failedRuns(requests: readonly Replayed[]): string[] {
  const failed = new Map(
    requests.flatMap(({ runs }) =>
      runs.flatMap(({ workflowId, status }) => (hasFailed(status) ? [[workflowId, status] as const] : [])),
    ),
  );
  if (failed.size === 0) return [];
  const lines = [...failed].map(
    ([id, status]) => `  sluice runs retry ${shellWord(id)}   # ${statusText(status)}`,
  );
  return ['these runs have failed, and their event does not start them again:', ...lines];
}
