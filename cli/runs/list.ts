import { workflowTypes } from '../../domain/temporal-contract.ts';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand, parseWholeNumber } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { withTemporal } from '../temporal-client.ts';
import { ageText, alignColumns, durationText, printJson } from '../terminal-text.ts';
import { type RunSummary, statusText, toRunSummary } from './describe-run.ts';

const options = {
  ...temporalOptions,
  limit: { type: 'string', default: '20' },
  failed: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

const { parkedEvent, ...jobs } = workflowTypes;
const types = Object.values(jobs).map((type) => JSON.stringify(type));

/** Runs of Sluice's workflow types and of all routes, without parked requests. */
const SLUICE_RUNS = `(WorkflowType IN (${types.join(', ')}) OR Route IS NOT NULL) AND WorkflowType != "${parkedEvent}"`;

/** `sluice runs list`: lists the latest runs, newest first. */
export async function listRuns(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, options);
  const limit = parseWholeNumber('--limit', values.limit, 1, 10_000);
  const failedCondition = values.failed ? ' AND ExecutionStatus IN ("Failed", "TimedOut", "Terminated")' : '';
  const query = `${SLUICE_RUNS}${failedCondition}`;

  const runs = await withTemporal(resolveTemporal(values, readCliConfig()), ({ client, call }) =>
    call(async () => {
      const found: RunSummary[] = [];
      for await (const info of client.workflow.list({ query, pageSize: Math.min(limit, 1_000) })) {
        found.push(toRunSummary(info));
        if (found.length === limit) break;
      }
      return found;
    }, 30_000),
  );
  if (values.json) printJson(runs);
  else for (const text of textOf(runs)) console.log(text);
  return 0;
}

function textOf(runs: readonly RunSummary[]): string[] {
  if (runs.length === 0) return ['no runs'];
  const rows = runs.map((run) => [
    statusText(run.status),
    run.phase ?? '',
    ageText(run.startTime),
    durationText(run.tookMs),
    run.workflowType,
    run.workflowId,
  ]);
  return alignColumns([['STATUS', 'PHASE', 'STARTED', 'TOOK', 'TYPE', 'ID'], ...rows]);
}
