import { gzipSync } from 'node:zlib';

/** A hostile load on one port. All loads need no credentials. */
export type Attack = 'half requests' | 'pipelines' | 'worst cases';

export const ATTACKS: readonly Attack[] = ['half requests', 'pipelines', 'worst cases'];

/** The numbers of each attack. */
export const HALF_REQUESTS = { connections: 8_000, openedPerTick: 200, tickMs: 50 } as const;
export const PIPELINES = { connections: 50, requests: 2_000 } as const;
export const WORST_CASES = { perSecond: 20, bytes: 64 * 1024 } as const;

/** A head or a body without its end. Both kinds are equally frequent. */
export const halfRequest = (index: number): string =>
  index % 2 === 0
    ? `POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-${index}: ${'a'.repeat(200)}\r\n`
    : 'POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{';

/** Requests in one write, so that the server parses them before it can answer the first. */
export const pipeline = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(PIPELINES.requests);

const post = (head: string, body: string): string =>
  `POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** The head of a request without `Content-Length`. */
const eventHead = (headers: string): string =>
  `POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n${headers}\r\n`;

/** A small body that becomes large when it is decoded. */
function compressed(body: string): Buffer {
  const bytes = gzipSync(body);
  const head = eventHead(`Content-Encoding: gzip\r\nContent-Length: ${bytes.length}\r\n`);
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** Each byte of the body is a chunk of its own. */
const inChunksOfOneByte = (body: string): string =>
  `${eventHead('Transfer-Encoding: chunked\r\n')}${body.replace(/./g, '1\r\n$&\r\n')}0\r\n\r\n`;

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;

const filled = (unit: string, bytes: number = WORST_CASES.bytes): string =>
  unit.repeat(Math.floor(bytes / unit.length));

/** A head may have 16 KiB. */
const HEAD_BYTES = 15_000;

const event = (members: string): string =>
  post(
    'Content-Type: application/cloudevents+json\r\n',
    `{"specversion":"1.0","id":"1","source":"/s","type":"t",${members}}`,
  );

/** Requests that cost a parser the most. Every process gets all of them. */
export const WORST_REQUESTS: readonly (string | Buffer)[] = [
  get(`/${filled('/', HEAD_BYTES)}x`),
  get(`/v1/forecasts/${filled('%2f', HEAD_BYTES)}`),
  get(`/v1/cities?q=${filled('%E5%8C%97', HEAD_BYTES)}`),
  get(`/?${filled('a&=', HEAD_BYTES)}`),
  post(`ce-specversion: 1.0\r\nce-id: 1${filled(' ', HEAD_BYTES)}x\r\nce-source: s\r\nce-type: t\r\n`, '{}'),
  post(`ce-specversion: 1.0\r\nce-id: "${filled('\\"', HEAD_BYTES)}\r\nce-source: s\r\nce-type: t\r\n`, '{}'),
  post(`Content-Type: a/b${filled(';', HEAD_BYTES)}x\r\n`, '{}'),
  post(`Authorization: Bearer ${filled(' ', HEAD_BYTES)}x\r\n`, '{}'),
  event(`"data":${filled('[')}`),
  event(`"data":"${filled('\\u0000')}"`),
  event(`"data":[${filled('1e999999999,')}1]`),
  event(`"data":${filled('{"a":')}`),
  event(`"time":"${filled('1')}"`),
  event(`"source":"${filled('北')}"`),
  event(`"datacontenttype":"text/plain${filled('; a="')}","data":"x"`),
  event(Array.from({ length: 5_000 }, (_, n) => `"a${n}":1`).join(',')),
  post('Content-Type: application/cloudevents-batch+json\r\n', `[${filled('{},', 60_000)}{}]`),
  post('Content-Type: application/json\r\n', filled(' ')),
  event(`"data":[${filled('1.0,', 1_000_000)}1]`),
  event(`"data":{${Array.from({ length: 60_000 }, (_, n) => `"${n}":1.0`).join(',')}}`),
  get(`/v1/forecasts?adcode=${filled(',', HEAD_BYTES)}`),
  get(`/v1/forecasts?${filled('adcode=1&', HEAD_BYTES)}`),
  compressed(
    `{"specversion":"1.0","id":"1","source":"/s","type":"t","data":[${filled('1.0,', 1_000_000)}1]}`,
  ),
  post('Content-Type: application/json\r\nExpect: 100-continue\r\n', '{}'),
  post('Content-Type: application/json\r\nExpect: something\r\n', '{}'),
  inChunksOfOneByte(`{"data":"${filled('x')}"}`),
];
