import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LegacyOutcome, legacyAnswer } from '../domain/weather/legacy-row.ts';
import { weatherTable } from '../ports/weather-tables.ts';
import type { Reads } from './bounded-reads.ts';
import { readGoQuery } from './go-query.ts';
import { decodedPath } from './request-target.ts';
import { within } from './within.ts';

/** The path at which the original answered. */
export const LEGACY_PATH = '/api/weather/query';

/** Whether a request is for the original's query, whatever its method and parameters. */
export const isLegacy = ({ url = '' }: IncomingMessage): boolean => decodedPath(url) === LEGACY_PATH;

/** Deprecated since 2026-11-22, as RFC 9745 writes it. */
const DEPRECATED = '@1795305600';

/**
 * Answers as the original's handler did, whatever the method, its parameters and the store: 200 with a `code`. The first
 * of several values of a parameter counts.
 */
export async function answerLegacy(req: IncomingMessage, res: ServerResponse, store: Reads): Promise<void> {
  const query = readGoQuery(req.url ?? '');
  const [adcode, date] = [query.get('cityCode'), query.get('date')];
  const outcome = await within(res, (signal) => look(store, adcode, date, signal));
  const body = Buffer.from(legacyAnswer(outcome));
  const successor = /^\d{6}$/.test(adcode ?? '') ? `/v1/cities/${adcode}/forecast` : '/v1/cities';
  res.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    Deprecation: DEPRECATED,
    Link: `<${successor}>; rel="successor-version"`,
  });
  res.end(body);
}

async function look(
  store: Reads,
  adcode: string | undefined,
  date: string | undefined,
  signal: AbortSignal,
): Promise<LegacyOutcome> {
  if (adcode === undefined) return { missing: 'cityCode' };
  if (date === undefined) return { missing: 'date' };
  try {
    const row = await store.get(weatherTable, { adcode, date }, { signal });
    if (row === undefined) return { row };
    const texts = Object.entries({ ...row.columns, ...row.key }).filter(isText);
    return { row: Object.fromEntries(texts) };
  } catch {
    // Addresses of ours, which the error may name, are nobody's.
    return { failed: 'the store of forecasts cannot be asked now' };
  }
}

const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';
