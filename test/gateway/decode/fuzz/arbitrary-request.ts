import fc from 'fast-check';
import { arbitraryEvent, type WrittenEvent } from './arbitrary-event.ts';
import type { FuzzRequest } from './request-view.ts';

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';

const structuredTypes = [
  ...[STRUCTURED, STRUCTURED, `${STRUCTURED}; charset=utf-8`, `${STRUCTURED};charset=UTF-8`],
  ...['Application/CloudEvents+JSON', 'application/cloudevents', 'application/cloudevents+avro'],
];
const batchTypes = [
  BATCH,
  BATCH,
  `${BATCH}; charset=utf-8`,
  'Application/CloudEvents-Batch+json',
  `${BATCH}x`,
];
const bareTypes = ['application/json', 'application/json;charset=utf-8', 'text/plain', ''];

/** A change to a finished request, as a faulty sender or an unusual proxy may make it. */
const mutation = fc.oneof(
  { weight: 5, arbitrary: fc.constant((request: FuzzRequest) => request) },
  {
    weight: 1,
    arbitrary: fc.nat(400).map((length) => (request: FuzzRequest) => ({
      ...request,
      body: request.body.subarray(0, length),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant((request: FuzzRequest) => ({
      ...request,
      body: Buffer.concat([Buffer.from('\ufeff'), request.body]),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(400), fc.nat(255)).map(([at, byte]) => (request: FuzzRequest) => {
      const body = Buffer.from(request.body);
      if (at < body.length) body[at] = byte;
      return { ...request, body };
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('ce-data', 'ce-datacontenttype', 'ce-data_base64', 'ce-my-ext', 'ce-extra', 'x-extra')
      .map((name) => (request: FuzzRequest) => ({
        ...request,
        headers: { ...request.headers, [name]: 'added' },
      })),
  },
);

const inJson = (types: readonly string[], events: fc.Arbitrary<readonly WrittenEvent[]>, isBatch: boolean) =>
  fc.tuple(fc.constantFrom(...types), events).map(([type, written]): FuzzRequest => {
    const objects = written.map(({ members, payload }) => ({ ...members, ...payload.members }));
    return {
      headers: type === '' ? {} : { 'content-type': type },
      body: Buffer.from(JSON.stringify(isBatch ? objects : objects[0])),
    };
  });

const one = arbitraryEvent.map((event) => [event]);

/** Quoted as in RFC 7230, 3.2.6. */
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
const raw = (text: string): string => Buffer.from(text).toString('latin1');
const percentEncoded = (text: string): string =>
  raw(text).replace(/[^!#$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** How senders encode header values. The specification requires `percentEncoded`. */
const styles = [percentEncoded, percentEncoded, raw, raw, (text: string) => quoted(raw(text))];

const inHeaders = fc.tuple(arbitraryEvent, fc.constantFrom(...styles)).map(([event, style]): FuzzRequest => {
  const { datacontenttype, ...attributes } = event.members;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || typeof value === 'object') continue;
    // HTTP has no spaces around a value.
    const written = style(String(value)).replace(/^[ \t]+|[ \t]+$/g, '');
    // Node.js does not accept other characters, so senders must encode them.
    headers[`ce-${name}`] = /^[\t\x20-\x7e\x80-\xff]*$/.test(written)
      ? written
      : percentEncoded(String(value));
  }
  if (typeof datacontenttype === 'string') headers['content-type'] = raw(datacontenttype);
  return { headers, body: event.payload.bytes };
});

/** Requests in every mode. Most of them are valid or nearly valid. */
export const arbitraryRequest: fc.Arbitrary<FuzzRequest> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: inHeaders },
      { weight: 4, arbitrary: inJson(structuredTypes, one, false) },
      { weight: 2, arbitrary: inJson(batchTypes, fc.array(arbitraryEvent, { maxLength: 3 }), true) },
      { weight: 1, arbitrary: inJson(bareTypes, one, false) },
    ),
    mutation,
  )
  .map(([request, change]) => change(request));

/** Any bytes with any headers. */
export const arbitraryBytes: fc.Arbitrary<FuzzRequest> = fc
  .tuple(
    fc.dictionary(
      fc.oneof(
        fc.constantFrom('content-type', 'ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'ce-time', 'ce-'),
        fc.stringMatching(/^ce-[a-z0-9_-]{0,8}$/),
      ),
      fc.oneof(
        fc.constantFrom('1.0', '0.3', 'application/json', STRUCTURED, BATCH, '%', '%ff', '"', '"\\'),
        fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,40}$/),
      ),
    ),
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'null', '1', 'id'))
        .map((parts) => Buffer.from(parts.join(''))),
    ),
  )
  .map(([headers, body]) => ({ headers: { ...headers }, body }));
