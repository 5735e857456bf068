import { stringifyExactJson } from '../domain/exact-json.ts';
import { addressHelp } from './addresses.ts';
import { parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { gatewayClient, gatewayOptions } from './gateway-client.ts';
import { eventFromFile, eventFromFlags } from './send/read-event.ts';
import { oneLine, printable, printJson } from './terminal-text.ts';

/** The text of `sluice send --help`. */
export const help = `
Sends one CloudEvent to the gateway, as structured JSON, and shows the answer.

usage: sluice send <file>          an event as JSON; - reads it from standard input
       sluice send --type <type> --source <source> [--id <id>] [--subject <subject>] [--data <json>]

--id <id>          default: a new UUID
--data <json>      the event's data; text that is not JSON is sent as text
--gateway <url>    the gateway's address
--token <token>    sent as Authorization: Bearer, for senders with a bearer credential and for operators. SLUICE_API_TOKEN
                   is safer, because other users can see a command's options
--json             prints the answer as JSON
${addressHelp}
`;

const options = {
  ...gatewayOptions,
  type: { type: 'string' },
  source: { type: 'string' },
  id: { type: 'string' },
  subject: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Posts the event. Returns 0 if the gateway answers 2xx, else 1. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['[file]']);
  const [file] = positionals;
  const flags = [values.type, values.source, values.id, values.subject, values.data];
  if (file !== undefined && flags.some((flag) => flag !== undefined)) {
    throw new UsageError('a file and event options cannot be used together');
  }
  const event = file === undefined ? eventFromFlags(values) : await eventFromFile(file);
  const gateway = gatewayClient(values, readCliConfig());
  const { url, from } = gateway.target;
  console.error(`sending event ${oneLine(String(event.id))} to ${url}/events (from ${from})`);

  const { status, statusText, headers, body } = await gateway.send({
    path: '/events',
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: stringifyExactJson(event) ?? '',
  });
  const location = headers.location ?? null;
  if (values.json) printJson({ status, location, body, id: event.id }, '');
  else {
    console.log(oneLine(`${status} ${statusText}`));
    if (location !== null) console.log(`Location: ${oneLine(location)}`);
    if (body !== '') console.log(printable(body));
  }
  return status >= 200 && status < 300 ? 0 : 1;
}
