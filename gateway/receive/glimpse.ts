import type { ParkedAbout } from '../../domain/parked-request.ts';
import { decodeHeaderValue } from '../decode/header-value.ts';
import type { SinkRequest } from './sink-request.ts';

const NAMES = ['id', 'source', 'type', 'subject', 'time'] as const;

/** Larger ones are not parked, and not worth the memory. */
const BYTES = 256 * 1024;

/** Longer values are no names that a person would look for. */
const CHARACTERS = 255;

/** What can be read of the context of a request that is no event; nothing of it has been checked. */
export function glimpse({ headers, body }: Pick<SinkRequest, 'headers' | 'body'>): ParkedAbout {
  const json = parsed(body);
  const found = NAMES.map((name) => [name, header(name, headers) ?? json[name]] as const);
  return Object.fromEntries(
    found.filter(([, value]) => typeof value === 'string' && value !== '' && value.length <= CHARACTERS),
  );
}

function header(name: string, headers: SinkRequest['headers']): string | undefined {
  const value = headers[`ce-${name}`];
  try {
    return value === undefined ? undefined : decodeHeaderValue(name, String(value));
  } catch {
    return undefined;
  }
}

type Members = Readonly<Record<string, unknown>>;

function parsed(body: Buffer): Members {
  if (body.length > BYTES) return {};
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
  } catch {
    return {};
  }
}
