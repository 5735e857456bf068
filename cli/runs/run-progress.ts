import { QueryNotRegisteredError, type WorkflowExecutionDescription } from '@temporalio/client';
import * as v from 'valibot';
import type { Progress } from '../../domain/temporal-contract.ts';
import type { TemporalClient } from '../temporal-client.ts';
import { durationText, oneLine } from '../terminal-text.ts';
import { toRunSummary } from './describe-run.ts';
import { readTaskProblem } from './task-problem.ts';

const QUERY_MS = 2_000;

const NO_PROGRESS = 'the workflow does not report progress';

/** A workflow of a user can answer the query with anything. */
const progressSchema: v.GenericSchema<Progress> = v.object({
  ...{ phase: v.string(), done: v.number(), total: v.number(), unit: v.string() },
  ...{ failed: v.number(), note: v.string() },
});

/**
 * The progress of a run. If no worker answers the query, or if the workflow has no such query, only the phase is
 * known, and `waiting` has the reason.
 */
export type ProgressOrWaiting = Progress | { readonly phase: string; readonly waiting: string };

/**
 * Returns the run's progress, or its child's progress while the child works (`unzipObject` has a child
 * `unzipArchive`).
 */
export async function readProgress(
  temporal: TemporalClient,
  run: WorkflowExecutionDescription,
): Promise<ProgressOrWaiting> {
  const child = run.raw.pendingChildren?.find(({ workflowId }) => workflowId?.startsWith('unzip-into:'));
  const queriedRun = child?.workflowId ?? run.workflowId;
  const answer = await queryProgress(temporal, queriedRun);
  if (typeof answer !== 'string') return answer;
  // A failing workflow task is a reason even if a worker answers.
  const problem = await readTaskProblem(temporal, run).catch(() => undefined);
  return { phase: toRunSummary(run).phase ?? '', waiting: problem ?? answer };
}

/** Queries the progress. Returns a sentence if no worker answers, or if the workflow does not have the query. */
async function queryProgress(
  { client, call }: TemporalClient,
  workflowId: string,
): Promise<Progress | string> {
  try {
    const answer = await call(() => client.workflow.getHandle(workflowId).query('progress'), QUERY_MS);
    return progressOrReason(answer);
  } catch (error) {
    return error instanceof QueryNotRegisteredError
      ? NO_PROGRESS
      : 'no worker answers; the run continues when a worker is available';
  }
}

/** Returns the answer to a query if it has all fields of a progress; otherwise a sentence. */
export const progressOrReason = (answer: unknown): Progress | string =>
  v.is(progressSchema, answer) ? answer : NO_PROGRESS;

const BAR_WIDTH = 30;

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Draws progress on one line of a terminal; without a terminal, prints one line for each change. */
export function createProgressView(out: Output) {
  let last = '';
  return {
    show(progress: ProgressOrWaiting, elapsedMs: number): void {
      const text = progressLine(progress);
      if (out.isTTY === true) {
        const line = `${text}  ${durationText(elapsedMs)}`;
        out.write(`\r\u001b[2K${line.slice(0, (out.columns ?? 80) - 1)}`);
      } else if (text !== last) out.write(`${text}\n`);
      last = text;
    },
    end(): void {
      if (out.isTTY === true && last !== '') out.write('\r\u001b[2K');
    },
  };
}

/** Returns one line, such as `parts     ███████░░░  42 %  4,200 of 10,000 files  2 failed  note`. */
export function progressLine(progress: ProgressOrWaiting): string {
  // Phase, unit and note are texts of workflows, which can have text from archives and events.
  const phase = oneLine(progress.phase).padEnd(8);
  if ('waiting' in progress) return `${phase}  ${oneLine(progress.waiting)}`;
  const { done, total, unit, failed, note } = progress;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const parts = [
    `${phase}  ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`,
    total > 0 ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${oneLine(unit)}` : '',
    failed > 0 ? `${failed} failed` : '',
    oneLine(note),
  ];
  return parts.filter((part) => part !== '').join('  ');
}
