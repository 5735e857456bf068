import type { ParkedResult } from '../../domain/parked-request.ts';
import { settleParkedRun } from '../../gateway/temporal/parked-runs.ts';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { printTarget } from '../runs/describe-run.ts';
import { type TemporalClient, withTemporal } from '../temporal-client.ts';
import { findParked, type ParkedRun } from './parked-runs.ts';

/** Signals the run of a parked request to close with a result. Returns false if it was already closed. */
const settleParked = (
  { client, call }: TemporalClient,
  { id, runId }: Pick<ParkedRun, 'id' | 'runId'>,
  result: ParkedResult,
): Promise<boolean> => call(() => settleParkedRun(client, { workflowId: id, runId }, result));

/** The result of a completed run of `parkedEvent`. */
export async function parkedResultOf(
  { client, call }: TemporalClient,
  { id, runId }: Pick<ParkedRun, 'id' | 'runId'>,
): Promise<ParkedResult> {
  return (await call(() => client.workflow.getHandle(id, runId).result())) as ParkedResult;
}

const options = { ...temporalOptions, note: { type: 'string' } } as const;

/** `sluice parked dismiss <id>...`: dismisses requests. If one does not exist, none is dismissed. */
export async function dismissParked(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, 'any');
  if (positionals.length === 0) throw new UsageError('<id> is missing');
  const note = values.note ?? 'dismissed by sluice parked dismiss';
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const runs: ParkedRun[] = [];
    for (const id of new Set(positionals)) runs.push(await findParked(temporal, id));
    printTarget(`dismissing ${runs.length === 1 ? runs[0]?.id : `${runs.length} parked requests`}`, temporal);
    for (const run of runs) {
      const isDismissed = await settleParked(temporal, run, { outcome: 'dismissed', note });
      console.log(`${run.id} ${isDismissed ? 'is dismissed' : 'was already closed'}`);
    }
    return 0;
  });
}
