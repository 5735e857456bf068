import { workflowTypes } from '../../domain/temporal-contract.ts';
import { statusText } from '../runs/describe-run.ts';
import { progressLine } from '../runs/run-progress.ts';
import { ageText, durationText, oneLine, shellQuote } from '../terminal-text.ts';
import type { RunDetails } from './run-details.ts';

/** Formats the runs of an event, one block for each. */
export const traceText = (runs: readonly RunDetails[]): string =>
  runs.map((run) => runLines(run).join('\n  ')).join('\n\n');

function runLines(run: RunDetails): string[] {
  if (run.workflowType === workflowTypes.parkedEvent) return parkedLines(run);
  const { route, workflowType, workflowId, status } = run;
  const by = route === null ? workflowType : `${workflowType} by route ${route}`;
  return [`${statusText(status)} ${timingText(run)}  ${by}`, workflowId, ...detailLines(run)];
}

function parkedLines(run: RunDetails): string[] {
  const { workflowId, status, startTime, parked } = run;
  const why = parked === undefined ? [] : [oneLine(`${parked.status}: ${parked.reason}`, 500)];
  if (status !== 'RUNNING') {
    const end = run.result as { outcome?: unknown; note?: unknown } | undefined;
    const how = end === undefined ? statusText(status) : oneLine(`${end.outcome} (${end.note})`, 300);
    return [`parked ${ageText(startTime)}, now closed: ${how}`, workflowId, ...why];
  }
  return [
    `parked ${ageText(startTime)}`,
    workflowId,
    ...why,
    `see it with: sluice parked show ${shellQuote(workflowId)}`,
  ];
}

function timingText({ startTime, closeTime }: RunDetails): string {
  if (closeTime === null) return `for ${durationText(Date.now() - Date.parse(startTime))}`;
  return `after ${durationText(Date.parse(closeTime) - Date.parse(startTime))}, started ${ageText(startTime)}`;
}

function detailLines({ workflowId, progress, failure, result }: RunDetails): string[] {
  if (progress !== undefined) return [progressLine(progress).trim()];
  if (failure !== undefined)
    return [oneLine(failure, 1_000), `start it again with: sluice runs retry ${shellQuote(workflowId)}`];
  return result === undefined || result === null ? [] : [oneLine(JSON.stringify(result), 1_000)];
}
