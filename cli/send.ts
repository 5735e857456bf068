import { messageOf } from '../domain/errors.ts';
import { addressHelp, gatewayOption, resolveGateway } from './addresses.ts';
import { CommandError, parseCommand, UsageError } from './command.ts';
import { readCliConfig } from './config.ts';
import { eventFromFile, eventFromFlags } from './send/read-event.ts';

/** What `sluice send --help` prints. */
export const help = `
Sends one CloudEvent to the gateway, as structured JSON, and shows the answer.

usage: sluice send <file>          an event as JSON; - reads it from standard input
       sluice send --type <type> --source <source> [--id <id>] [--subject <subject>] [--data <json>]

--id <id>          default: a new UUID
--data <json>      the event's data; what is not JSON is sent as text
--gateway <url>    the gateway's address
--json             prints the answer as JSON
${addressHelp}
`;

const options = {
  ...gatewayOption,
  type: { type: 'string' },
  source: { type: 'string' },
  id: { type: 'string' },
  subject: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

const ANSWER_MS = 15_000;

/** Posts the event; 0 when the gateway took it (2xx), else 1. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, options, ['[file]']);
  const [file] = positionals;
  const flags = [values.type, values.source, values.id, values.subject, values.data];
  if (file !== undefined && flags.some((flag) => flag !== undefined)) {
    throw new UsageError('an event comes from a file or from options, not from both');
  }
  const event = file === undefined ? eventFromFlags(values) : await eventFromFile(file);
  const target = resolveGateway(values, readCliConfig());
  console.error(`sending event ${String(event.id)} to ${target.url}/events (from ${target.from})`);

  const response = await post(`${target.url}/events`, JSON.stringify(event));
  const location = response.headers.get('location');
  const body = (await response.text()).trim();
  if (values.json) console.log(JSON.stringify({ status: response.status, location, body, id: event.id }));
  else {
    console.log(`${response.status} ${response.statusText}`.trim());
    if (location !== null) console.log(`Location: ${location}`);
    if (body !== '') console.log(body);
  }
  return response.ok ? 0 : 1;
}

async function post(url: string, body: string): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new CommandError(`the gateway at ${url} does not answer: ${messageOf(cause, 200)}`, {
      cause: error,
    });
  }
}
