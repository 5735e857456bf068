import { isJsonText, isJsonType, type RequestView, textOf } from '../request-view.ts';
import { batched, binary, structured } from './example-request.ts';
import type { KnownDifference } from './known-difference.ts';

/** The values of an attribute in the original events. */
const written = ({ events }: RequestView, name: string | undefined): unknown[] =>
  events.map((event) => event[name ?? '']);

const isInteger = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value + 0.5) < 2 ** 31;

/** Requests that the package accepts, but that are not CloudEvents. */
export const onlySluiceRejects: readonly KnownDifference[] = [
  {
    name: 'the package generates a missing id, specversion or time',
    reason: 'they are required (spec 1.0); with a generated id each redelivery would be another event',
    example: structured({ id: undefined }),
    explains: (found, request) =>
      found.kind === 'only Sluice rejects' &&
      ['id', 'specversion', 'time'].includes(found.attribute ?? '') &&
      written(request, found.attribute).some((value) => !value),
  },
  {
    name: 'the package replaces an invalid time by the current time',
    reason: 'a Timestamp is RFC 3339 (spec 1.0, type system)',
    example: structured({ time: 'today' }),
    explains: (found) => found.kind === 'only Sluice rejects' && found.attribute === 'time',
  },
  {
    name: 'the package accepts a malformed expirytime as text',
    reason: 'it is a Timestamp (extension expirytime), and the event would never expire',
    example: structured({ expirytime: 'tomorrow' }),
    explains: (found) => found.kind === 'only Sluice rejects' && found.attribute === 'expirytime',
  },
  {
    name: 'the package drops an empty, zero or false optional attribute',
    reason: 'it must be text and must not be empty (spec 1.0)',
    example: structured({ subject: '' }),
    explains: (found, request) =>
      found.kind === 'only Sluice rejects' &&
      request.mode !== 'binary' &&
      ['subject', 'datacontenttype', 'dataschema'].includes(found.attribute ?? '') &&
      written(request, found.attribute).some((value) => value === '' || value === 0 || value === false),
  },
  {
    name: 'control characters, noncharacters and lone surrogates',
    reason: 'a String must not contain them (spec 1.0, type system)',
    example: structured({ subject: 'a\u0000b' }),
    explains: (found, request) =>
      found.kind === 'only Sluice rejects' &&
      found.sentence.includes('characters that are not allowed') &&
      written(request, found.attribute).some(
        (value) =>
          typeof value === 'string' &&
          // In a header, such a character is bytes or escapes, which the package does not decode.
          (/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(value) ||
            (request.mode === 'binary' && /[%\x80-\xff]/.test(value))),
      ),
  },
  {
    name: 'extensions that are objects, lists, fractions or large numbers',
    reason: 'values are Boolean, 32-bit Integer, or text (spec 1.0, type system)',
    example: structured({ custom: 2 ** 31 }),
    explains: (found, request) =>
      found.kind === 'only Sluice rejects' &&
      found.sentence.includes('allowed: text, true, false or a 32-bit integer') &&
      written(request, found.attribute).some(
        (value) => value !== null && !['string', 'boolean'].includes(typeof value) && !isInteger(value),
      ),
  },
  {
    name: 'headers with names that attributes cannot have',
    reason:
      'ce-datacontenttype MUST NOT be present (HTTP binding 3.1.1), and attributes cannot be called data or data_base64',
    example: binary({ 'ce-datacontenttype': 'text/plain' }),
    explains: (found, { mode, headers }) =>
      found.kind === 'only Sluice rejects' &&
      mode === 'binary' &&
      ['datacontenttype', 'data', 'data_base64'].includes(found.attribute ?? '') &&
      headers[`ce-${found.attribute}`] !== undefined,
  },
  {
    name: 'data together with data_base64',
    reason: 'they are mutually exclusive (JSON format 3.1.1)',
    example: structured({ data: 1, data_base64: 'AA==' }),
    explains: (found, { events }) =>
      found.kind === 'only Sluice rejects' &&
      found.attribute === 'data_base64' &&
      events.some((event) => 'data' in event && event.data_base64),
  },
  {
    name: 'invalid base64',
    reason: 'data_base64 is Base64 (JSON format 3.1.1); skipped characters would be lost',
    example: structured({ data_base64: 'AA-_' }),
    explains: (found, request) =>
      found.kind === 'only Sluice rejects' &&
      found.attribute === 'data_base64' &&
      written(request, 'data_base64').some(
        (value) => typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') !== value,
      ),
  },
  {
    name: 'a body with a JSON media type that is not JSON in its charset',
    reason: 'the bytes have the charset that the media type states (RFC 9110, 8.3.2)',
    example: binary({ 'content-type': 'application/json; charset=utf-16le' }, '{}'),
    explains: (found, { contentType, events }) =>
      found.kind === 'only Sluice rejects' &&
      [contentType, ...events.map(({ datacontenttype }) => datacontenttype)].some(
        (type) => isJsonType(type) && /charset="?(?!utf-?8|us-ascii|ascii)/i.test(String(type)),
      ),
  },
  {
    name: 'a body with a JSON media type that is not JSON',
    reason: '"this would have been an invalid event" (JSON format 3.2)',
    example: binary({ 'content-type': 'application/json' }, 'plain'),
    explains: (found, { mode, contentType, text }) =>
      found.kind === 'only Sluice rejects' &&
      mode === 'binary' &&
      found.sentence.startsWith('the body ') &&
      isJsonType(contentType) &&
      !isJsonText(text),
  },
  {
    name: 'data_base64 with a JSON media type that is not JSON',
    reason: 'it is the same event as in binary mode',
    example: batched({ datacontenttype: 'application/json', data_base64: 'AP8=' }),
    explains: (found, { events }) =>
      found.kind === 'only Sluice rejects' &&
      found.sentence.includes('data_base64 is not ') &&
      events.some(
        ({ datacontenttype, data_base64: base64 }) =>
          isJsonType(datacontenttype) && !isJsonText(textOf(Buffer.from(String(base64), 'base64'))),
      ),
  },
  {
    name: 'a header that is not UTF-8',
    reason: 'it MUST be rejected (HTTP binding 3.1.3.2)',
    example: binary({ 'ce-subject': '%C0%A0' }),
    explains: (found, request) =>
      found.kind === 'only Sluice rejects' &&
      request.mode === 'binary' &&
      found.sentence.endsWith('which is not UTF-8') &&
      written(request, found.attribute).some((value) => /[%\x80-\xff]/.test(String(value))),
  },
  {
    name: 'a batch in a format whose name starts like JSON’s',
    reason: 'it is another format (HTTP binding 3.3.1)',
    example: batched({ time: '2018-04-05T17:31:00Z' }, 'application/cloudevents-batch+jsonx'),
    explains: (found, { mode, contentType }) =>
      found.kind === 'only Sluice rejects' &&
      mode === 'batch' &&
      found.sentence.includes('is not supported') &&
      !/^application\/cloudevents-batch\+json\s*(?:;|$)/.test(contentType),
  },
  {
    name: 'a batch that is not UTF-8',
    reason: 'JSON is UTF-8 (RFC 8259, 8.1); the package replaces invalid bytes by U+FFFD',
    example: {
      ...batched({}),
      body: Buffer.from(batched({ subject: 'é' }).body.toString(), 'latin1'),
    },
    explains: (found, { mode, text }) =>
      found.kind === 'only Sluice rejects' && mode === 'batch' && text === undefined,
  },
  {
    name: 'a header that contains only quotes',
    reason: 'it MUST be unquoted (HTTP binding 3.1.3.2), and is then empty',
    example: binary({ 'ce-type': '""' }),
    explains: (found, { mode, headers }) =>
      found.kind === 'only Sluice rejects' &&
      mode === 'binary' &&
      found.sentence.endsWith(' is empty') &&
      headers[`ce-${found.attribute}`] === '""',
  },
];
