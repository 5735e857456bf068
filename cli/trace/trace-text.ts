import { workflowTypes } from '../../domain/names.ts';
import { statusText } from '../runs/describe-run.ts';
import { progressLine } from '../runs/progress.ts';
import { age, oneLine, shellWord, took } from '../terminal-text.ts';
import type { SeenRun } from './look-into.ts';

/** The runs of an event for people: a block each. */
export const traceText = (runs: readonly SeenRun[]): string =>
  runs.map((run) => blockOf(run).join('\n  ')).join('\n\n');

function blockOf(run: SeenRun): string[] {
  if (run.workflowType === workflowTypes.parkedEvent) return parkedBlock(run);
  const { route, workflowType, workflowId, status } = run;
  const by = route === null ? workflowType : `${workflowType} by route ${route}`;
  return [`${statusText(status)} ${timing(run)}  ${by}`, workflowId, ...detail(run)];
}

function parkedBlock(run: SeenRun): string[] {
  const { workflowId, status, startTime, parked } = run;
  const why = parked === undefined ? [] : [`${parked.status}: ${oneLine(parked.reason, 500)}`];
  if (status !== 'RUNNING') {
    const end = run.result as { outcome?: unknown; note?: unknown } | undefined;
    const how = end === undefined ? statusText(status) : oneLine(`${end.outcome} (${end.note})`, 300);
    return [`was parked ${age(startTime)}, and settled: ${how}`, workflowId, ...why];
  }
  return [
    `parked ${age(startTime)}`,
    workflowId,
    ...why,
    `see it with: sluice parked show ${shellWord(workflowId)}`,
  ];
}

function timing({ startTime, closeTime }: SeenRun): string {
  if (closeTime === null) return `since ${took(Date.now() - Date.parse(startTime))}`;
  return `after ${took(Date.parse(closeTime) - Date.parse(startTime))}, started ${age(startTime)}`;
}

function detail({ workflowId, progress, failure, result }: SeenRun): string[] {
  if (progress !== undefined) return [progressLine(progress).trim()];
  if (failure !== undefined)
    return [oneLine(failure, 1_000), `begin it again with: sluice runs retry ${shellWord(workflowId)}`];
  return result === undefined || result === null ? [] : [oneLine(JSON.stringify(result), 1_000)];
}
