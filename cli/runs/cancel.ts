import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { CommandError, parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { shellWord } from '../shell-word.ts';
import { withTemporal } from '../temporal-client.ts';
import { describeRun, nameTarget } from './describe-run.ts';

/** `sluice runs cancel <id>`: asks the open run with this id to stop. */
export async function cancelRun(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, temporalOptions, ['<id>']);
  const [workflowId = ''] = positionals;
  return withTemporal(resolveTemporal(values, readCliConfig()), async (temporal) => {
    const run = await describeRun(temporal, workflowId);
    if (run.status.name !== 'RUNNING') {
      throw new CommandError(`run ${workflowId} is not running any more: ${run.status.name.toLowerCase()}`);
    }
    nameTarget(`cancelling ${workflowId} (run ${run.runId})`, temporal);
    await temporal.call(() => temporal.client.workflow.getHandle(workflowId, run.runId).cancel());
    console.log(`asked ${workflowId} to stop; see it end with: sluice runs follow ${shellWord(workflowId)}`);
    return 0;
  });
}
