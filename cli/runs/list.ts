import { workflowTypes } from '../../domain/names.ts';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { withTemporal } from '../temporal-client.ts';
import { type RunLine, toRunLine } from './describe-run.ts';
import { age, took } from './durations.ts';

const options = {
  ...temporalOptions,
  limit: { type: 'string', default: '20' },
  failed: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** `sluice runs list`: the latest runs of our workflow types, newest first. */
export async function listRuns(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, options);
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
    throw new UsageError(
      `--limit is ${JSON.stringify(values.limit)}; allowed: a whole number from 1 to 10000`,
    );
  }
  const types = Object.values(workflowTypes).map((type) => JSON.stringify(type));
  const ended = values.failed ? ' AND ExecutionStatus IN ("Failed", "TimedOut", "Terminated")' : '';
  const query = `WorkflowType IN (${types.join(', ')})${ended}`;

  const lines = await withTemporal(resolveTemporal(values, readCliConfig()), ({ client, call }) =>
    call(async () => {
      const found: RunLine[] = [];
      for await (const info of client.workflow.list({ query, pageSize: Math.min(limit, 1_000) })) {
        found.push(toRunLine(info));
        if (found.length === limit) break;
      }
      return found;
    }, 30_000),
  );
  if (values.json) console.log(JSON.stringify(lines, undefined, 2));
  else for (const text of table(lines)) console.log(text);
  return 0;
}

function table(lines: readonly RunLine[]): string[] {
  if (lines.length === 0) return ['no runs'];
  const rows = lines.map((line) => [
    line.status.toLowerCase().replaceAll('_', ' '),
    line.phase ?? '',
    age(line.startTime),
    took(line.tookMs),
    line.workflowType,
    line.workflowId,
  ]);
  const all = [['STATUS', 'PHASE', 'STARTED', 'TOOK', 'TYPE', 'ID'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
