import { isJsonType, type RequestView } from '../request-view.ts';
import { batched, binary, structured } from './example-request.ts';
import type { KnownDifference } from './known-difference.ts';

const EXACT_TYPES = ['application/cloudevents+json', 'application/cloudevents+json; charset=utf-8'];
const EXACT_BATCH = 'application/cloudevents-batch+json';

/** True if the package rejects an attribute for its format. */
const isFormat = (sentence: string): boolean => /"\/(?:source|dataschema)".*"format"/.test(sentence);

const hasEscapes = ({ mode, headers }: RequestView): boolean =>
  mode === 'binary' &&
  ['ce-specversion', 'ce-source', 'ce-dataschema'].some((name) => /["%\x80-\xff]/.test(headers[name] ?? ''));

/** Requests that the package rejects, but that are CloudEvents or that common senders send. */
export const onlyPackageRejects: readonly KnownDifference[] = [
  {
    name: 'media types in mixed case, or with other parameters',
    reason: 'the prefix counts (HTTP binding 3), and media types ignore case (RFC 9110, 8.3.1)',
    example: structured({}, 'application/cloudevents+json;charset=UTF-8'),
    explains: (found, { mode, contentType }) =>
      found.kind === 'only the package rejects' &&
      ((mode === 'structured' && !EXACT_TYPES.includes(contentType)) ||
        (mode === 'batch' && !contentType.startsWith(EXACT_BATCH))),
  },
  {
    name: 'an event in JSON with any other media type',
    reason: 'EventBridge and curl -d send such requests',
    example: structured({}, 'application/json;charset=utf-8'),
    explains: (found, { mode }) => found.kind === 'only the package rejects' && mode === 'bare',
  },
  {
    name: 'a byte order mark',
    reason: 'parsers MAY ignore it (RFC 8259, 8.1)',
    example: {
      headers: structured({}).headers,
      body: Buffer.from(`\ufeff${structured({}).body.toString()}`),
    },
    explains: (found, { text }) =>
      found.kind === 'only the package rejects' && text?.startsWith('\ufeff') === true,
  },
  {
    name: 'version 0.3',
    reason: 'validate() returns false for every version except 1.0; Knative still sends 0.3',
    example: structured({ specversion: '0.3' }),
    explains: (found, { mode, events }) =>
      found.kind === 'only the package rejects' &&
      (found.sentence.includes('not validated') ||
        (mode === 'batch' && found.sentence.includes('dataschema on version 0.3'))) &&
      events.some(({ specversion }) => specversion === '0.3'),
  },
  {
    name: 'a source that is not a URI reference, a dataschema that is not a URI',
    reason: 'Sluice uses them only as names, so spaces or 汉字 in them do no harm',
    example: structured({ source: '北京' }),
    explains: (found, request) =>
      found.kind === 'only the package rejects' && isFormat(found.sentence) && !hasEscapes(request),
  },
  {
    name: 'checks of header values before they are unquoted and decoded',
    reason: 'they MUST be unquoted and percent-decoded first (HTTP binding 3.1.3.2)',
    example: binary({ 'ce-specversion': '"1.0"' }),
    explains: (found, request) =>
      found.kind === 'only the package rejects' &&
      hasEscapes(request) &&
      (isFormat(found.sentence) ||
        (found.sentence.includes('not validated') && /["%]/.test(request.headers['ce-specversion'] ?? ''))),
  },
  {
    name: 'schemaurl in 1.0, or dataschema in 0.3',
    reason: 'in that version it is a normal extension',
    example: structured({ schemaurl: 'https://x/y' }),
    explains: (found, { events }) =>
      found.kind === 'only the package rejects' &&
      /cannot set (?:schemaurl|dataschema) on version/.test(found.sentence) &&
      events.some((event) => event.schemaurl || event.dataschema),
  },
  {
    name: 'JSON in binary mode that does not start with [ { or "',
    reason: 'the package adds quotes around it, and fails if the result is not JSON',
    example: binary({ 'content-type': 'application/json' }, ' {"a":1}'),
    explains: (found, { mode, contentType, text = '' }) =>
      found.kind === 'only the package rejects' &&
      mode === 'binary' &&
      isJsonType(contentType) &&
      !/^[[{"]/.test(text) &&
      found.sentence.startsWith('SyntaxError'),
  },
  {
    name: 'times in a batch that JavaScript or JSON Schema cannot parse',
    reason: 'EventBridge sends its own zones, and RFC 3339 has leap seconds',
    example: batched({ time: '2020-08-17T16:04:46.149Asia/Shanghai' }),
    explains: (found, { mode, events }) =>
      found.kind === 'only the package rejects' &&
      mode === 'batch' &&
      /"\/time".*"format"|Invalid time value/.test(found.sentence) &&
      events.some(({ time }) => time),
  },
  {
    name: 'a null attribute with an invalid name',
    reason: 'null is the same as absent (JSON format 2.2)',
    example: structured({ 'My-Ext': null }),
    explains: (found, { events }) =>
      found.kind === 'only the package rejects' &&
      /invalid (?:attribute|extension) name/.test(found.sentence) &&
      events.some((event) =>
        Object.entries(event).some(([name, value]) => value === null && !/^[a-z0-9]+$/.test(name)),
      ),
  },
];
