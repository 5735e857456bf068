import type { ParkedAbout } from '../../domain/parked-request.ts';
import type { SinkRequest } from './sink-request.ts';

const NAMES = ['id', 'source', 'type', 'subject', 'time'] as const;

/** Longer values are no names that a person would look for. */
const CHARACTERS = 255;

/** What can be read of the context of a request that is no event; nothing of it has been checked. */
export function glimpse({ headers, body }: Pick<SinkRequest, 'headers' | 'body'>): ParkedAbout {
  const json = parsed(body);
  const found = NAMES.map((name) => [name, headers[`ce-${name}`] ?? json[name]] as const);
  return Object.fromEntries(
    found.filter(([, value]) => typeof value === 'string' && value !== '' && value.length <= CHARACTERS),
  );
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
