import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../../domain/errors.ts';
import { isJsonNumber, parseExactJson } from '../../domain/exact-json.ts';
import { CommandError, UsageError } from '../command.ts';

/** A CloudEvent to send. The gateway validates it. */
export type EventJson = Readonly<Record<string, unknown>>;

/** Reads a file, or standard input for `-`. Throws `CommandError` if it cannot be read. */
export async function readInput(file: string): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    throw new CommandError(`${inputName(file)} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Reads an event from a JSON file, or from standard input for `-`. Its values are sent unchanged, also the digits of its
 * numbers.
 */
export async function eventFromFile(file: string): Promise<EventJson> {
  const event = parseJson((await readInput(file)).toString('utf8'));
  if (typeof event !== 'object' || event === null || Array.isArray(event) || isJsonNumber(event)) {
    throw new CommandError(`${inputName(file)} is not a CloudEvent as a JSON object`);
  }
  return event as EventJson;
}

const inputName = (file: string): string => (file === '-' ? 'standard input' : file);

/** Creates the event that options describe, with the current time. */
export function eventFromFlags(flags: {
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly id?: string | undefined;
  readonly subject?: string | undefined;
  readonly data?: string | undefined;
}): EventJson {
  const { type, source, subject, data } = flags;
  if (type === undefined || source === undefined) {
    throw new UsageError('a file, or --type and --source, are required');
  }
  const json = data === undefined ? undefined : parseJson(data);
  return {
    specversion: '1.0',
    id: flags.id ?? randomUUID(),
    source,
    type,
    time: new Date().toISOString(),
    ...(subject === undefined ? {} : { subject }),
    ...(data === undefined
      ? {}
      : { datacontenttype: json === undefined ? 'text/plain' : 'application/json', data: json ?? data }),
  };
}

function parseJson(content: string): unknown {
  try {
    return parseExactJson(content);
  } catch {
    return undefined;
  }
}
