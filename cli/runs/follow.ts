import { setTimeout as delay } from 'node:timers/promises';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { withTemporal } from '../temporal-client.ts';
import { took } from '../terminal-text.ts';
import { describeRun, outcomeOf, statusText, toRunLine } from './describe-run.ts';
import { createProgressView, progressOf } from './progress.ts';

const EVERY_MS = 400;

/**
 * `sluice runs follow <id>`: shows progress until the run ends; 1 if it did not complete. `tell` says what a result means
 * to a person, in place of JSON.
 */
export async function followRun(
  args: readonly string[],
  tell: (result: unknown) => string = (result) => JSON.stringify(result),
): Promise<number> {
  const options = { ...temporalOptions, json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseCommand(args, options, ['<id>']);
  const [workflowId = ''] = positionals;
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const view = createProgressView(process.stderr);
    let run = await describeRun(temporal, workflowId);
    while (run.status.name === 'RUNNING') {
      const progress = await progressOf(temporal, run);
      view.show(progress, Date.now() - run.startTime.getTime());
      await delay(EVERY_MS);
      run = await describeRun(temporal, workflowId);
    }
    view.end();

    const outcome = await outcomeOf(temporal, run);
    const line = toRunLine(run);
    if (values.json) console.log(JSON.stringify({ ...line, ...outcome }, undefined, 2));
    else {
      console.log(`${statusText(line.status)} after ${took(line.tookMs)}  ${workflowId}`);
      if (outcome.failure !== undefined) console.log(`  ${outcome.failure}`);
      else if (outcome.result !== undefined) console.log(`  ${tell(outcome.result)}`);
    }
    return run.status.name === 'COMPLETED' ? 0 : 1;
  });
}
