import { taskQueues, workflowTypes } from '../domain/temporal-contract.ts';
import type { RefreshResult } from '../domain/weather/refresh-run.ts';
import { refreshWorkflowIdAt } from '../domain/weather/refresh-slots.ts';
import { addressHelp, resolveTemporal, temporalOptions } from './addresses.ts';
import { parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { reopenProviders } from './reopen-providers.ts';
import { followRun } from './runs/follow.ts';
import { tablestoreHelp } from './tablestore-target.ts';
import { withTemporal } from './temporal-client.ts';

/** The text of `sluice refresh --help`. */
export const help = `
Fetches forecasts now, in addition to the Schedule's runs and within the same budget, and shows the progress.

usage: sluice refresh [--reopen] [--json] [--detach]

--reopen                 first reopens providers that are closed until midnight in Beijing because of a quota error. Use
                         it after you have bought more calls
--detach                 does not wait for the end of the run
--address <host:port>    Temporal's address
--namespace <name>       Temporal's namespace
--json                   prints the result as JSON
${addressHelp}
${tablestoreHelp}
`;

/** Starts a run and follows it. Returns 1 if it did not complete. */
export async function run(args: readonly string[]): Promise<number> {
  const options = {
    ...temporalOptions,
    json: { type: 'boolean', default: false },
    detach: { type: 'boolean', default: false },
    reopen: { type: 'boolean', default: false },
  } as const;
  const { values } = parseCommand(args, options);
  const config = readCliConfig();
  // With --json, standard output has only the result.
  if (values.reopen) await reopenProviders(config, values.json ? console.error : console.log);
  const workflowId = refreshWorkflowIdAt(Date.now());
  await withTemporal(resolveTemporal(values, config), async ({ client, target, call }) => {
    if (!values.json)
      console.log(`${workflowId} at ${target.address}, namespace ${target.namespace} (from ${target.from})`);
    await call(() =>
      client.workflow.start(workflowTypes.refreshWeather, {
        ...{ workflowId, taskQueue: taskQueues.weather },
        // A second command in the same second follows the same run.
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    );
  });
  if (values.detach) return 0;
  const addressOptions = (['address', 'namespace'] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  return followRun([workflowId, ...addressOptions, ...(values.json ? ['--json'] : [])], refreshText);
}

/** The result of a run, in one line. */
function refreshText(result: unknown): string {
  const { provider, places, fresh, empty, skipped, failed, calls, written, unchanged, note } =
    result as RefreshResult;
  const count = (number: number, label: string): string[] =>
    number === 0 ? [] : [`${number.toLocaleString('en')} ${label}`];
  return [
    `${provider}: ${fresh.toLocaleString('en')} of ${places.toLocaleString('en')} places`,
    ...count(empty, 'without a forecast'),
    ...Object.entries(failed).flatMap(([kind, number]) => count(number, `failed (${kind})`)),
    ...count(skipped, 'skipped because the budget was used up'),
    `${calls.toLocaleString('en')} calls, ${written.toLocaleString('en')} days changed, ${unchanged.toLocaleString('en')} unchanged`,
    ...(note === '' ? [] : [note]),
  ].join(', ');
}
