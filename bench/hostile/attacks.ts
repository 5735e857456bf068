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
export const WORST_REQUESTS: readonly string[] = [
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
];
