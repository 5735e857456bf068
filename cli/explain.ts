import type { Explanation } from '../gateway/operator/explain.ts';
import { addressHelp } from './addresses.ts';
import { CommandError, parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { explainByGateway, explainLocally } from './explain/explain-event.ts';
import { explanationText } from './explain/explanation-text.ts';
import { gatewayClient, gatewayHelp, gatewayOptions } from './gateway-client.ts';
import { readInput } from './send/read-event.ts';

/** What `sluice explain --help` prints. */
export const help = `
Says what the gateway makes of an event, and starts nothing: the event as it is understood, who may send it, and for
each route what it would start, or the first thing that does not match. Exit code 1 when the file holds no event.

usage: sluice explain <file> [--json]                   asks the gateway; - reads from standard input
       sluice explain <file> --routes <file> [--json]   without a gateway: the shipped routes and those of a file

<file>                   an event in CloudEvents' JSON format, or an array of them: each is explained
--routes <file>          a routes file, as SLUICE_ROUTES names one
--json                   prints the explanation as JSON, nothing cut
${gatewayHelp.trim()}
${addressHelp}
`;

const options = {
  ...gatewayOptions,
  routes: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Prints the explanation; 0, or 1 with a sentence when it is no event. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['<file>']);
  const [file = ''] = positionals;
  if (values.routes !== undefined && values.gateway !== undefined)
    throw new UsageError('--gateway and --routes exclude each other');
  const config = readCliConfig();
  const gateway = values.routes === undefined ? gatewayClient(values, config) : undefined;
  const body = await readInput(file);
  const request = { headers: { 'content-type': 'application/json' }, body };
  const explained =
    gateway === undefined
      ? explainLocally(request, values.routes ?? '', config.environment)
      : await explainByGateway(gateway, request);
  if ('refused' in explained) {
    if (values.json) console.log(JSON.stringify({ error: explained.refused }));
    throw new CommandError(`${file === '-' ? 'standard input' : file} is no event: ${explained.refused}`);
  }
  const { batch, events } = explained;
  if (values.json) console.log(JSON.stringify(batch ? { events } : events[0], undefined, 2));
  else console.log(events.length === 0 ? 'the batch is empty' : textOf(events));
  return 0;
}

function textOf(events: readonly Explanation[]): string {
  const many = events.length > 1;
  const title = (index: number): string => (many ? `── event ${index} of the batch\n\n` : '');
  return events.map((event, index) => `${title(index)}${explanationText(event)}`).join('\n\n');
}
