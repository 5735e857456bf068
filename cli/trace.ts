import { setTimeout as delay } from 'node:timers/promises';
import { workflowTypes } from '../domain/temporal-contract.ts';
import type { FoundRun } from '../gateway/operator/find-runs.ts';
import { addressHelp, resolveTemporal, temporalOptions } from './addresses.ts';
import { parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { gatewayClient, gatewayHelp, gatewayOptions } from './gateway-client.ts';
import { hasFailed } from './runs/describe-run.ts';
import { oneLine, printJson } from './terminal-text.ts';
import { conflictLines, noRunLines } from './trace/recent-text.ts';
import { readRunDetails, traceEvent } from './trace/run-details.ts';
import { traceText } from './trace/trace-text.ts';

/** The text of `sluice trace --help`. */
export const help = `
Shows what happened to an event: its runs, their progress and results, and whether it was parked. The gateway lists the runs.
Temporal adds progress and results if it can be reached. Exit code 1 if there is no run.

usage: sluice trace <source> <id> [--wait] [--json]

--wait                   waits until every run has ended, but not for parked requests; exit code 1 if a run failed
--json                   prints the runs as JSON
${gatewayHelp.trim()}
--address <host:port>    Temporal's address
--namespace <name>       Temporal's namespace
${addressHelp}
`;

const options = {
  ...gatewayOptions,
  ...temporalOptions,
  wait: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

const POLL_INTERVAL_MS = 500;

/**
 * Returns true if a run still works. A parked request does not count: it is open until a person replays or dismisses
 * it.
 */
const isWorking = ({ status, workflowType }: FoundRun): boolean =>
  status === 'RUNNING' && workflowType !== workflowTypes.parkedEvent;

/** Prints the event's runs. Returns 1 if there is none, or with `--wait` if one of them has failed; otherwise 0. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<source>', '<id>']);
  const [source = '', id = ''] = positionals;
  const config = readCliConfig();
  const gateway = gatewayClient(values, config);
  const temporal = resolveTemporal(values, config);
  let trace = await traceEvent(gateway, source, id);
  while (values.wait && trace.runs.some(isWorking)) {
    await delay(POLL_INTERVAL_MS);
    trace = await traceEvent(gateway, source, id);
  }
  const { runs, recent = [], recentSince } = trace;

  const { runs: detailedRuns, incompleteReason } = await readRunDetails(temporal, runs);
  if (incompleteReason !== undefined)
    console.error(`showing only what the gateway knows: ${incompleteReason}`);
  if (values.json) printJson({ source, id, runs: detailedRuns, ...(recent.length === 0 ? {} : { recent }) });
  else if (runs.length > 0) console.log([traceText(detailedRuns), ...conflictLines(recent)].join('\n\n'));
  if (runs.length > 0) return values.wait && runs.some(({ status }) => hasFailed(status)) ? 1 : 0;
  const event = `event ${oneLine(JSON.stringify(id))} of source ${oneLine(JSON.stringify(source))}`;
  console.error(
    [
      `no run: ${event} has started no run that ${gateway.target.url} can find, and is not parked`,
      ...noRunLines(recent, recentSince),
      'to see what the gateway would do with it: sluice explain <file>',
    ].join('\n'),
  );
  return 1;
}
