import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LegacyQueryResult, legacyAnswer } from '../domain/weather/legacy-answer.ts';
import { weatherTable } from '../ports/weather-tables.ts';
import type { StoreReads } from './bounded-reads.ts';
import { withDeadline } from './with-deadline.ts';

/** The path of the original service, which Sluice replaces. */
export const LEGACY_PATH = '/api/weather/query';

/** True for requests to the path of the original service, with any method and parameters. */
export const isLegacy = ({ url = '' }: IncomingMessage): boolean => decodedPath(url) === LEGACY_PATH;

/** Deprecated since 2026-11-22, in the format of RFC 9745. */
const DEPRECATION_HEADER = '@1795305600';

/**
 * Answers like the original service, for any method and parameters: status 200 with a `code`. If a parameter has
 * several values, the first one counts.
 */
export async function answerLegacy(
  req: IncomingMessage,
  res: ServerResponse,
  store: StoreReads,
): Promise<void> {
  const query = readGoQuery(req.url ?? '');
  const [adcode, date] = [query.get('cityCode'), query.get('date')];
  const outcome = await withDeadline(res, (signal) => readLegacyRow(store, adcode, date, signal));
  const body = Buffer.from(legacyAnswer(outcome));
  const successor = /^\d{6}$/.test(adcode ?? '') ? `/v1/cities/${adcode}/forecast` : '/v1/cities';
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    Deprecation: DEPRECATION_HEADER,
    Link: `<${successor}>; rel="successor-version"`,
  });
  res.end(body);
}

async function readLegacyRow(
  store: StoreReads,
  adcode: string | undefined,
  date: string | undefined,
  signal: AbortSignal,
): Promise<LegacyQueryResult> {
  if (adcode === undefined) return { missing: 'cityCode' };
  if (date === undefined) return { missing: 'date' };
  try {
    const row = await store.get(weatherTable, { adcode, date }, { signal });
    if (row === undefined) return { row };
    const texts = Object.entries({ ...row.columns, ...row.key }).filter(isText);
    return { row: Object.fromEntries(texts) };
  } catch {
    // The error may contain internal addresses, so the answer does not contain the error.
    return { failed: 'the forecast store is not available' };
  }
}

const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';

/**
 * The first value of each parameter in a target's query, as Go's url.ParseQuery (1.17 and later) reads it. A pair
 * with an invalid percent-escape or a semicolon is ignored.
 */
function readGoQuery(target: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const questionMark = target.indexOf('?');
  if (questionMark < 0) return values;
  for (const pair of target.slice(questionMark + 1).split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = decodeGoQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = decodeGoQuery(equals < 0 ? '' : pair.slice(equals + 1));
    if (name !== undefined && value !== undefined && !values.has(name)) values.set(name, value);
  }
  return values;
}

/**
 * Decodes a name or a value; undefined if an escape is invalid. Node.js represents bytes as Latin-1 characters, and
 * percent-escapes are bytes too.
 */
function decodeGoQuery(text: string): string | undefined {
  if (/%(?![\da-f]{2})/i.test(text)) return undefined;
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Removes the host from a request target of a proxy: `http://host/path?query` becomes `/path?query`. */
export function originForm(target: string): string {
  const [absolute] = /^https?:\/\/[^/?#]*/i.exec(target) ?? [];
  if (absolute === undefined) return target;
  const rest = target.slice(absolute.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** A target's path with decoded percent-escapes, as Go's servers compare it; undefined if an escape is invalid. */
function decodedPath(target: string): string | undefined {
  try {
    return decodeURIComponent(target.split('?', 1)[0] ?? '');
  } catch {
    return undefined;
  }
}
