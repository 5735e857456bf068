import type { Explanation } from '../gateway/operator/explain.ts';
import { addressHelp } from './addresses.ts';
import { CommandError, parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { explainByGateway, explainLocally } from './explain/explain-event.ts';
import { explanationText } from './explain/explanation-text.ts';
import { gatewayClient, gatewayHelp, gatewayOptions } from './gateway-client.ts';
import { readInput } from './send/read-event.ts';
import { printJson } from './terminal-text.ts';

/** The text of `sluice explain --help`. */
export const help = `
Shows what the gateway would do with an event, and starts nothing: the decoded event, who may send it, and for each route
what it would start, or the first condition that does not match. Exit code 1 if the file is not a valid event.

usage: sluice explain <file> [--json]                   uses the gateway; - reads from standard input
       sluice explain <file> --routes <file> [--json]   uses the shipped routes and a routes file, without a gateway

<file>                   an event in CloudEvents' JSON format, or an array of events
--routes <file>          a routes file, as for SLUICE_ROUTES
--json                   prints the complete explanation as JSON
${gatewayHelp.trim()}
${addressHelp}
`;

const options = {
  ...gatewayOptions,
  routes: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Prints the explanation. Returns 0; throws CommandError if the input is not an event. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<file>']);
  const [file = ''] = positionals;
  if (values.routes !== undefined && values.gateway !== undefined)
    throw new UsageError('--gateway and --routes cannot be used together');
  const config = readCliConfig();
  const gateway = values.routes === undefined ? gatewayClient(values, config) : undefined;
  const body = await readInput(file);
  const request = { headers: { 'content-type': 'application/json' }, body };
  const explained =
    gateway === undefined
      ? explainLocally(request, values.routes ?? '', config.environment)
      : await explainByGateway(gateway, request);
  if ('invalidReason' in explained) {
    if (values.json) printJson({ error: explained.invalidReason }, '');
    throw new CommandError(
      `${file === '-' ? 'standard input' : file} is not an event: ${explained.invalidReason}`,
    );
  }
  const { batch, events } = explained;
  if (values.json) printJson(batch ? { events } : events[0]);
  else console.log(events.length === 0 ? 'the batch is empty' : textOf(events));
  return 0;
}

function textOf(events: readonly Explanation[]): string {
  const many = events.length > 1;
  const title = (index: number): string => (many ? `── event ${index} of the batch\n\n` : '');
  return events.map((event, index) => `${title(index)}${explanationText(event)}`).join('\n\n');
}
