import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { findPlace, nearestPlaceNames } from '../../api/find-place.ts';
import { isLegacy, originForm } from '../../api/legacy-query.ts';
import { oneLine, printable } from '../../cli/terminal-text.ts';
import { matches, parsePattern } from '../../domain/event-pattern.ts';
import { parseExactJson, stringifyExactJson } from '../../domain/exact-json.ts';
import { markdownText } from '../../domain/markdown-text.ts';
import { charsetOf, mediaTypeOf } from '../../domain/media-type.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import { toSearchAttributeKeyword } from '../../domain/search-attribute-keyword.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';
import { trimBothEndsOf, trimEndOf } from '../../domain/trim-characters.ts';
import { classifyPhenomenon } from '../../domain/weather/phenomena.ts';
import { toWorkflowId } from '../../domain/workflow-id.ts';
import { checkEntryName } from '../../domain/zip/entry-name.ts';
import { findDirectory } from '../../domain/zip/find-directory.ts';
import { decodeHeaderValue } from '../../gateway/decode/decode-binary.ts';
import { decodeRequest } from '../../gateway/decode/decode-request.ts';
import { isEventRequest } from '../../gateway/event-endpoint.ts';
import { deadLetterReason, readDeadLetter } from '../../gateway/receive/receive-dead-letter.ts';
import { readUncheckedContext } from '../../gateway/receive/reject-request.ts';
import { readAddress } from '../../local/oss/address.ts';
import { readXml } from '../../local/oss/xml.ts';
import { readBearerToken } from '../../runtime/bearer-tokens.ts';
import { isLoopbackHost } from '../../runtime/loopback-host.ts';
import { toAttributeText } from '../../source/attribute-text.ts';
import { startApi } from '../api/running-api.ts';

const KIB = 1024;
const RUNS = 15;
const API_RUNS = 5;

/** A machine that is busy slows single measurements down. So a case fails only if all attempts fail. */
const ATTEMPTS = 5;

/** Repeats `unit` up to `length` characters. */
const filled = (unit: string, length: number): string => unit.repeat(Math.floor(length / unit.length));

type Headers = Readonly<Record<string, string>>;

const required = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 't' };
const binary = (headers: Headers, body = ''): unknown =>
  decodeRequest({ headers: { ...required, ...headers }, body: Buffer.from(body) });
const structured = (members: string): unknown =>
  decodeRequest({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: Buffer.from(`{"specversion":"1.0","id":"1","source":"s","type":"t",${members}}`),
  });
const batch = (body: string): unknown =>
  decodeRequest({
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    body: Buffer.from(body),
  });
const keys = (unit: (index: number) => string, length: number, separator = ','): string =>
  Array.from({ length: Math.floor(length / unit(0).length) }, (_, index) => unit(index)).join(separator);

const postTo = (url: string) => ({ method: 'POST', url }) as IncomingMessage;
const wildcard = parsePattern({ subject: [{ wildcard: 'a*a*a*a*b' }] });
const contains = parsePattern({ subject: [{ contains: 'aaaab' }] });

/** Calls of each parser with the text that costs it most, of about this length. Errors are results, too. */
const cases: Readonly<Record<string, (length: number) => unknown>> = {
  'a path of slashes': (n) => isEventRequest(postTo(`${filled('/', n)}x`)),
  'a path with slashes at its end': (n) => isEventRequest(postTo(`/events${filled('/', n)}x`)),
  'a query of question marks': (n) => isEventRequest(postTo(`/${filled('?', n)}`)),
  'blanks in a header': (n) => decodeHeaderValue('a', `x${filled(' ', n)}x`),
  'escaped quotes in a header': (n) => decodeHeaderValue('a', `"${filled('\\"', n)}`),
  'quotes in a header': (n) => decodeHeaderValue('a', filled('"', n)),
  'percent signs in a header': (n) => decodeHeaderValue('a', filled('%', n)),
  'many attributes in headers': (n) =>
    binary(Object.fromEntries(Array.from({ length: n / 8 }, (_, index) => [`ce-a${index}`, '1']))),
  'nested JSON without a content type': (n) => binary({}, filled('{"a":', n)),
  'the body of a form': (n) =>
    binary({ 'content-type': 'application/x-www-form-urlencoded' }, filled('&=', n)),
  'nested arrays': (n) => structured(`"data":${filled('[', n)}`),
  'many members': (n) => structured(`"data":{${keys((index) => `"${index}":1`, n)}}`),
  'the same member many times': (n) => structured(`"data":{${keys(() => '"a":1', n)}}`),
  'many attributes': (n) => structured(keys((index) => `"a${index}":"1"`, n)),
  'an exact number below many levels': (n) =>
    stringifyExactJson(parseExactJson(`${'['.repeat(n / 400)}${filled('0,', n)}1.0${']'.repeat(n / 400)}`)),
  'a number of many digits': (n) => structured(`"data":${filled('9', n)}`),
  'a number with a long exponent': (n) => structured(`"data":1e${filled('9', n)}`),
  'a number with many zeros': (n) => structured(`"data":0.${filled('0', n)}1`),
  'many numbers': (n) => structured(`"data":[${filled('1e1,', n)}1]`),
  'escaped characters': (n) => structured(`"data":"${filled('\\u0041', n)}"`),
  backslashes: (n) => structured(`"data":"${filled('\\\\', n)}`),
  'blanks in JSON': (n) => structured(`"data":${filled(' ', n)}x`),
  'a time with many digits': (n) => structured(`"time":"2020-01-01T00:00:00.${filled('0', n)}x"`),
  'padding of base64': (n) => structured(`"data_base64":"${filled('=', n)}"`),
  'base64 with a wrong last character': (n) => structured(`"data_base64":"${filled('A', n)}!"`),
  'a batch of empty objects': (n) => batch(`[${filled('{},', n)}{}]`),
  'parameters of a media type': (n) => charsetOf(`application/json;${filled(';', n)}`),
  'blanks in a media type': (n) => mediaTypeOf(`application/json${filled(' ', n)}x`),
  'blanks after a parameter': (n) => charsetOf(`application/json;charset${filled(' ', n)}x`),
  'quotes in a parameter': (n) => charsetOf(`application/json;charset="${filled('\\"', n)}`),
  'digits of a second': (n) => parseTimestampMs(`2020-01-01T00:00:00.${filled('0', n)}`),
  'a workflow id': (n) => toWorkflowId(filled('%/é', n)),
  'a readable workflow id': (n) => toWorkflowId(filled('%/é\u0300', n), true),
  'a search attribute': (n) => toSearchAttributeKeyword(filled('é"', n)),
  'a wildcard': (n) => matches(wildcard, { subject: filled('a', n) }),
  'a part of a text': (n) => matches(contains, { subject: filled('a', n) }),
  'digits of Retry-After': (n) => retryAfterMs(filled('1', n), 0, 1),
  'blanks in Retry-After': (n) => retryAfterMs(`${filled(' ', n)}x`, 0, 1),
  'blanks in Authorization': (n) => readBearerToken(`Bearer ${filled(' ', n)}x y`),
  'a host of numbers': (n) => isLoopbackHost(`127.${filled('0.', n)}`),
  'digits of a port': (n) => isLoopbackHost(`localhost:${filled('1', n)}x`),
  'error data of a dead letter': (n) =>
    deadLetterReason(readDeadLetter({ attributes: { knativeerrordata: `${filled('A', n)}!` } })),
  'a header and a body that are no event': (n) =>
    readUncheckedContext({ headers: { 'ce-id': `"${filled(' ', n)}x` }, body: Buffer.from(filled('[', n)) }),
  'an absolute address': (n) => originForm(`http://${filled('/', n)}`),
  'escaped slashes': (n) => isLegacy(postTo(filled('%2f', n))),
  'a place code of digits': (n) => findPlace(filled('1', n)),
  'a place name': (n) => nearestPlaceNames(filled('北', n)),
  'blanks and line breaks': (n) => oneLine(`${filled(' \n', n)}x`),
  'a long line': (n) => oneLine(filled('x ', n), 80),
  'escape sequences': (n) => printable(filled('\u001b[', n)),
  'the name of an entry': (n) => checkEntryName(filled('../', n), false),
  'NULs in the name of an entry': (n) => checkEntryName(`a${filled('\0', n)}a`, true),
  'an answer of invalid bytes': (n) => toAttributeText(Buffer.from(`${filled('\ufffd', n)}x`)),
  'slashes in an object key': (n) => readAddress(`/${filled('/', n)}`, 'localhost'),
  'a query without names': (n) => readAddress(`/b/k?${filled('&=', n)}`, 'localhost'),
  'a host of many labels': (n) => readAddress('/b', `a${filled('.localhost', n)}x`),
  'open elements of XML': (n) => readXml(`<Delete>${filled('<a>', n)}`, 'Delete'),
  'empty elements of XML': (n) => readXml(`<Delete>${filled('<a/>', n)}</Delete>`, 'Delete'),
  'ampersands in XML': (n) => readXml(`<Delete>${filled('&', n)}</Delete>`, 'Delete'),
  'comments of XML': (n) => readXml(`<Delete>${filled('<!--', n)}`, 'Delete'),
  'attributes of XML': (n) => readXml(`<Delete ${filled('a="1" ', n)}/>`, 'Delete'),
  'a summary in Markdown': (n) => markdownText(filled('_:', n), n),
  'blanks in a summary': (n) => markdownText(`${filled(' ', n)}x`, 200),
  'a summary of www': (n) => markdownText(filled('www.', n), n),
  'the weather of a provider': (n) => classifyPhenomenon(filled('冻', n)),
  'the weather of a provider in parts': (n) => classifyPhenomenon(filled('转雨', n)),
  'end records behind possible tar headers': (n) => findEnds(n, 'ustar00000000'),
  'end records behind the magic of tar': (n) => findEnds(n, 'ustar'),
  'end records behind signatures of zip': (n) => findEnds(n, 'PK\x01\x02'),
  'characters at the end': (n) => trimEndOf(`${filled('/', n)}x`, '/'),
  'characters at both ends': (n) => trimBothEndsOf(`x${filled(' ', n)}x`, ' '),
};

/** A file whose start looks like archives at every few bytes, with an end record and its directory at every 69 bytes. */
function archiveOfEnds(length: number, start: string): Buffer {
  const prefix = Buffer.alloc(length / 2, start, 'latin1');
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  const directory = Buffer.alloc(47, 'a');
  directory.fill(0, 4, 46).write('PK\x01\x02', 'latin1');
  directory.writeUInt16LE(1, 28);
  directory.writeUInt32LE(prefix.length - 1, 42);
  const ends = Array.from({ length: Math.floor(length / 2 / 69) }, (_, index) => {
    const end = Buffer.alloc(22);
    end.write('PK\x05\x06', 'latin1');
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(prefix.length + header.length + index * 69 - 1, 16);
    return Buffer.concat([directory, end]);
  });
  return Buffer.concat([prefix, header, ...ends]);
}

function findEnds(length: number, start: string): Promise<unknown> {
  const bytes = archiveOfEnds(length, start);
  const read = async (from: number, to: number): Promise<Buffer> => bytes.subarray(from, to);
  return findDirectory({ size: bytes.length, read }, { subject: 's', maxDirectoryBytes: 1_000 });
}

/** Most of the texts for parsers are invalid. */
async function withoutErrors(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {}
}

/** The median of the processor time: the elapsed time would also count other processes of a busy machine. */
async function medianMs(work: () => unknown, runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = process.cpuUsage();
    await work();
    times.push(process.cpuUsage(began).user / 1_000);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}

/** Fails if `length` takes 2 ms or more, and also at least three times the time of half the length. */
async function assertLinear(work: (length: number) => unknown, length: number, runs: number): Promise<void> {
  const measured: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const whole = await medianMs(() => work(length), runs);
    if (whole < 2) return;
    const half = await medianMs(() => work(length / 2), runs);
    if (whole < 3 * half) return;
    measured.push(`${whole.toFixed(2)} ms, and ${half.toFixed(2)} ms for half of it`);
  }
  assert.fail(measured.join('; '));
}

for (const [name, parse] of Object.entries(cases))
  test(`64 KiB of the worst case take under 2 ms, or less than three times the time of 32 KiB: ${name}`, () =>
    assertLinear((length) => withoutErrors(() => parse(length)), 64 * KIB, RUNS));

const numbered = (unit: (index: string) => string, length: number): string =>
  keys((index) => unit(index.toString(36)), length, '&').slice(0, length);

/** Requests to the api that cost most, with a head of about this length. Node.js accepts heads up to 16 KiB. */
const apiRequests: Readonly<Record<string, (length: number) => string>> = {
  'commas in a list': (n) => `/v1/forecasts?adcode=${filled(',', n)}`,
  'many lists': (n) => `/v1/forecasts?${filled('adcode=1,2,&', n)}`,
  'many unknown parameters': (n) => `/v1/cities?${numbered((index) => `${index}=`, n)}`,
  'many parameters of an object': (n) => `/v1/forecasts?${numbered((index) => `adcode[${index}]=`, n)}`,
  'brackets in a name': (n) => `/v1/cities?a${filled('[a]', n)}`,
};

function startApiWithoutStore(t: TestContext) {
  const never = () => Promise.reject(new Error('these requests must not reach the store'));
  return startApi(t, { store: { get: never, getMany: never } });
}

for (const [name, requestOf] of Object.entries(apiRequests))
  test(`a request of 15 KiB to the api takes under 2 ms, or less than three times the time of half of it: ${name}`, async (t) => {
    const { get } = await startApiWithoutStore(t);
    const send = async (length: number): Promise<void> => {
      const { status } = await get(requestOf(length));
      assert.equal(status, 400);
    };
    await send(15 * KIB);
    await assertLinear(send, 15 * KIB, API_RUNS);
  });

test('a request to the api with a Content-Type of 15 KiB takes less than five times the time of a request without one', async (t) => {
  const { get } = await startApiWithoutStore(t);
  const headers = { 'content-type': `a/b${filled(';', 15 * KIB)}` };
  const send = async (sent: { headers?: Record<string, string> }): Promise<void> => {
    const { status } = await get('/v1/cities/110000', sent);
    assert.equal(status, 200);
  };
  await send({});
  const measured: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const withHeader = await medianMs(() => send({ headers }), API_RUNS);
    const without = await medianMs(() => send({}), API_RUNS);
    if (withHeader < 5 * without) return;
    measured.push(`${withHeader.toFixed(2)} ms, and ${without.toFixed(2)} ms without it`);
  }
  assert.fail(measured.join('; '));
});
