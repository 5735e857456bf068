import { setTimeout as delay } from 'node:timers/promises';
import { addressHelp, resolveTemporal, temporalOptions } from './addresses.ts';
import { parseCommand } from './command.ts';
import { readCliConfig } from './config.ts';
import { gatewayClient, gatewayHelp, gatewayOptions } from './gateway-client.ts';
import { hasFailed } from './runs/describe-run.ts';
import { oneLine } from './terminal-text.ts';
import { listRunsOfEvent, readRunDetails } from './trace/run-details.ts';
import { traceText } from './trace/trace-text.ts';

/** What `sluice trace --help` prints. */
export const help = `
Says what became of an event: its runs, how far they are, what came out of them, and whether it was parked. The gateway
is asked for the runs, and Temporal, where it can be reached, for the rest. Exit code 1 when there is no run.

usage: sluice trace <source> <id> [--wait] [--json]

--wait                   until every run has ended; exit code 1 when one of them failed
--json                   prints the runs as JSON
${gatewayHelp.trim()}
--address <host:port>    Temporal's address
--namespace <name>       its namespace
${addressHelp}
`;

const options = {
  ...gatewayOptions,
  ...temporalOptions,
  wait: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

const POLL_INTERVAL_MS = 500;

/** Prints the event's runs; 0, or 1 when there is none. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<source>', '<id>']);
  const [source = '', id = ''] = positionals;
  const config = readCliConfig();
  const gateway = gatewayClient(values, config);
  const temporal = resolveTemporal(values, config);
  let runs = await listRunsOfEvent(gateway, source, id);
  while (values.wait && runs.some(({ status }) => status === 'RUNNING')) {
    await delay(POLL_INTERVAL_MS);
    runs = await listRunsOfEvent(gateway, source, id);
  }

  const { seen, unseen } = await readRunDetails(temporal, runs);
  if (unseen !== undefined) console.error(`only what the gateway knows is shown: ${unseen}`);
  if (values.json) console.log(JSON.stringify({ source, id, runs: seen }, undefined, 2));
  else if (runs.length > 0) console.log(traceText(seen));
  if (runs.length > 0) return values.wait && runs.some(({ status }) => hasFailed(status)) ? 1 : 0;
  const event = `event ${oneLine(JSON.stringify(id))} of source ${oneLine(JSON.stringify(source))}`;
  console.error(
    `no run: ${event} has started none that ${gateway.target.url} knows of, and is not parked;\n` +
      'what the gateway would make of it says: sluice explain <file>',
  );
  return 1;
}
