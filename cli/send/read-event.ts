import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../domain/errors.ts';
import { CommandError, UsageError } from '../command.ts';

/** A CloudEvent on its way out; it is the gateway that judges it. */
export type OutgoingEvent = Readonly<Record<string, unknown>>;

/** The event that a JSON file holds, or standard input for `-`; sent as it is, nothing added. */
export async function eventFromFile(file: string): Promise<OutgoingEvent> {
  const name = file === '-' ? 'standard input' : file;
  let content: string;
  try {
    content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${name} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const event = asJson(content);
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new CommandError(`${name} does not hold a CloudEvent as a JSON object`);
  }
  return event as OutgoingEvent;
}

/** The event that options describe; its time is now. */
export function eventFromFlags(flags: {
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly id?: string | undefined;
  readonly subject?: string | undefined;
  readonly data?: string | undefined;
}): OutgoingEvent {
  const { type, source, subject, data } = flags;
  if (type === undefined || source === undefined) {
    throw new UsageError('give a file, or at least --type and --source');
  }
  const json = data === undefined ? undefined : asJson(data);
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

function asJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
