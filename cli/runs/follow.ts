import { setTimeout as delay } from 'node:timers/promises';
import { escapeHidden } from '../../domain/hidden-characters.ts';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { withTemporal } from '../temporal-client.ts';
import { durationText, oneLine, printable, printJson } from '../terminal-text.ts';
import { describeRun, readRunOutcome, statusText, toRunSummary } from './describe-run.ts';
import { createProgressView, readProgress } from './run-progress.ts';

const POLL_INTERVAL_MS = 400;

/**
 * `sluice runs follow <id>`: shows progress until the run ends. Returns 1 if it did not complete. `resultText`
 * formats the result; the default is JSON.
 */
export async function followRun(
  args: readonly string[],
  resultText: (result: unknown) => string = (result) => escapeHidden(JSON.stringify(result)),
): Promise<number> {
  const options = { ...temporalOptions, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseCommand(args, options, ['<id>']);
  const [workflowId = ''] = positionals;
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const progressView = createProgressView(process.stderr);
    let run = await describeRun(temporal, workflowId);
    while (run.status.name === 'RUNNING') {
      const progress = await readProgress(temporal, run);
      progressView.show(progress, Date.now() - run.startTime.getTime());
      await delay(POLL_INTERVAL_MS);
      run = await describeRun(temporal, workflowId);
    }
    progressView.end();

    const outcome = await readRunOutcome(temporal, run);
    const summary = toRunSummary(run);
    if (values.json) printJson({ ...summary, ...outcome });
    else {
      console.log(
        `${statusText(summary.status)} after ${durationText(summary.tookMs)}  ${oneLine(workflowId)}`,
      );
      if (outcome.failure !== undefined) console.log(`  ${printable(outcome.failure)}`);
      else if (outcome.result !== undefined) console.log(`  ${printable(resultText(outcome.result))}`);
    }
    return run.status.name === 'COMPLETED' ? 0 : 1;
  });
}
