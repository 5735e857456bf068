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

/** What `sluice refresh --help` prints. */
export const help = `
Fetches the forecasts now, beside the Schedule's runs and within the same budget, and shows how far it is.

usage: sluice refresh [--reopen] [--json] [--detach]

--reopen                 first lets providers be asked again that a quota error has closed until midnight in Beijing, for
                         one who has bought more
--detach                 does not wait for the end
--address <host:port>    Temporal's address
--namespace <name>       its namespace
--json                   prints the result as JSON
${addressHelp}
${tablestoreHelp}
`;

/** Starts a run and follows it; 1 if it did not complete. */
export async function run(args: readonly string[]): Promise<number> {
  const options = {
    ...temporalOptions,
    json: { type: 'boolean', default: false },
    detach: { type: 'boolean', default: false },
    reopen: { type: 'boolean', default: false },
  } as const;
  const { values } = parseCommand(args, options);
  const config = readCliConfig();
  // What is printed beside the result is no JSON.
  if (values.reopen) await reopenProviders(config, values.json ? console.error : console.log);
  const workflowId = refreshWorkflowIdAt(Date.now());
  await withTemporal(resolveTemporal(values, config), async ({ client, target, call }) => {
    if (!values.json)
      console.log(`${workflowId} at ${target.address}, namespace ${target.namespace} (from ${target.from})`);
    await call(() =>
      client.workflow.start(workflowTypes.refreshWeather, {
        ...{ workflowId, taskQueue: taskQueues.weather },
        // Who else asks in the same second has asked for the same.
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    );
  });
  if (values.detach) return 0;
  const named = (['address', 'namespace'] as const).flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  return followRun([workflowId, ...named, ...(values.json ? ['--json'] : [])], refreshText);
}

/** What a run came to, in a line. */
function refreshText(result: unknown): string {
  const { provider, places, fresh, empty, skipped, failed, calls, written, unchanged, note } =
    result as RefreshResult;
  const count = (number: number, what: string): string[] =>
    number === 0 ? [] : [`${number.toLocaleString('en')} ${what}`];
  return [
    `${provider}: ${fresh.toLocaleString('en')} of ${places.toLocaleString('en')} places`,
    ...count(empty, 'without a forecast'),
    ...Object.entries(failed).flatMap(([kind, number]) => count(number, `failed (${kind})`)),
    ...count(skipped, 'left out for want of calls'),
    `${calls.toLocaleString('en')} calls, ${written.toLocaleString('en')} days changed, ${unchanged.toLocaleString('en')} as they were`,
    ...(note === '' ? [] : [note]),
  ].join(', ');
}
