import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { createGateway } from '../../gateway/app.ts';
import { REPLY_RULES, type ReplyStatus, replyRuleFor } from '../../gateway/http/replies.ts';
import { listen } from '../../runtime/listen.ts';
import { freePort } from '../support/free-port.ts';
import { scriptedTemporal } from '../support/scripted-temporal.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { type Answer, assertAccepted, assertRejected, type Sent, send } from './http.ts';
import { isRetriedByKnative } from './knative-retry.ts';
import { gatewayParts, startGateway } from './running-gateway.ts';

const ROUTES = `
sources:
  - { name: shop, match: { source: [/shop] }, auth: [{ bearer: { env: SHOP } }] }
  - { name: bank, match: { source: [/bank] }, auth: [{ bearer: { env: BANK } }] }
  - { name: anybody }
routes:
  - { name: starts, match: { type: [start] }, workflow: w, queue: q, id: "s:{id}" }
  - { name: signals, match: { type: [signal] }, workflow: w, queue: q, id: "g:{id}", signal: changed }
  - { name: expires, match: { type: [old] }, workflow: w, queue: q, id: "e:{id}", expires: PT1H }
  - { name: ids, match: { type: [no.id] }, workflow: w, queue: q, id: "{data.order}" }
  - { name: arguments, match: { type: [no.argument] }, workflow: w, queue: q, id: "a:{id}", input: "{data.order}" }
`;
const env = { SHOP: 'shop-token', BANK: 'bank-token' };

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES, env });
});
after(async () => {
  await gateway?.stop();
  await temporal?.stop();
});

const event = (id: string, type: string, attributes: object = {}) => ({
  specversion: '1.0',
  id,
  source: '/s',
  type,
  ...attributes,
});
const structured = (value: unknown, headers: Record<string, string> = {}): Sent => ({
  headers: { 'content-type': 'application/cloudevents+json', ...headers },
  body: JSON.stringify(value),
});
const batch = (value: unknown): Sent => ({
  headers: { 'content-type': 'application/cloudevents-batch+json' },
  body: JSON.stringify(value),
});
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Sends a request to a gateway with Temporal at this address, and stops the gateway. */
async function sendWithTemporalAt(address: string, request: Sent, options: object = {}): Promise<Answer> {
  const other = await startGateway(address, { routes: ROUTES, env, ...options });
  try {
    return await send(other.port, request);
  } finally {
    await other.stop();
  }
}

async function answerIfTemporalFails(
  code: Parameters<typeof scriptedTemporal>[0],
  details?: string,
): Promise<Answer> {
  const server = await scriptedTemporal(code, details);
  try {
    return await sendWithTemporalAt(server.address, structured(event('x', 'start')));
  } finally {
    server.stop();
  }
}

/**
 * Sends more requests than a small gateway can hold, with a Temporal that does not answer. Returns one of the answers
 * with 429.
 */
async function answerIfOverloaded(): Promise<Answer> {
  const server = await scriptedTemporal(null);
  const small = await startGateway(server.address, {
    routes: ROUTES,
    env: { ...env, SLUICE_IN_FLIGHT: '1' },
  });
  try {
    const sent = Array.from({ length: 20 }, (_, n) => send(small.port, structured(event(`o${n}`, 'start'))));
    return (
      (await Promise.all(sent)).find(({ status }) => status === 429) ??
      assert.fail('no request was answered 429')
    );
  } finally {
    await small.stop();
    server.stop();
  }
}

/** Sends an event to a gateway that throws for every result. */
async function answerIfGatewayFails(): Promise<Answer> {
  const { parts, stop } = gatewayParts(temporal.address, { routes: ROUTES, env });
  const onResult = (): never => {
    throw new Error('a bug');
  };
  const listener = await listen(createGateway({ ...parts, onResult }), { host: '127.0.0.1', port: 0 });
  try {
    return await send(listener.port, structured(event('14', 'nothing')));
  } finally {
    await listener.close(0);
    await stop();
  }
}

/** Sends a request with two headers of the same name, which the usual client would join. */
const sendIdTwice = (port: number): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = [
      'ce-specversion',
      '1.0',
      'ce-id',
      'a',
      'ce-id',
      'b',
      'ce-source',
      '/s',
      'ce-type',
      'start',
    ];
    const options = { host: '127.0.0.1', port, method: 'POST', agent: false };
    const sent = request({ ...options, headers: ['host', 'localhost', 'content-length', '0', ...headers] });
    sent.on('error', reject).on('response', (response) => {
      const body = text(response);
      body.then(
        (read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read }),
        reject,
      );
    });
    sent.end();
  });

interface Row {
  /** The condition for this answer, for the name of the test. */
  readonly when: string;
  readonly status: ReplyStatus;
  /** True if a Knative broker must retry the event. */
  readonly isRetried: boolean;
  readonly error?: RegExp;
  readonly location?: string;
  readonly allow?: string;
  readonly request?: Sent;
  readonly ask?: () => Promise<Answer>;
}

const location = (id: string, source = '/s'): string => `/events/${encodeURIComponent(source)}/${id}`;
const accepted = { status: 202, isRetried: false } as const;
const bad = { status: 400, isRetried: false } as const;
const later = { status: 503, isRetried: true } as const;

const rows: readonly Row[] = [
  {
    ...accepted,
    when: 'the run is durably started',
    request: structured(event('1', 'start')),
    location: location('1'),
  },
  {
    ...accepted,
    when: 'the run was already started',
    request: structured(event('1', 'start')),
    location: location('1'),
  },
  {
    ...accepted,
    when: 'the run is signalled',
    request: structured(event('2', 'signal')),
    location: location('2'),
  },
  {
    ...accepted,
    when: 'the run was already signalled',
    request: structured(event('2', 'signal')),
    location: location('2'),
  },
  {
    ...{ ...accepted, when: 'the credentials are valid', location: location('3', '/shop') },
    request: structured(event('3', 'start', { source: '/shop' }), bearer('shop-token')),
  },
  {
    ...accepted,
    when: 'all events of a batch are started',
    request: batch([event('4', 'start'), event('5', 'start')]),
  },
  { ...accepted, when: 'nothing matches', request: structured(event('6', 'nothing')) },
  {
    ...accepted,
    when: 'the event is expired',
    request: structured(event('7', 'start', { expirytime: '2020-01-01T00:00:00Z' })),
  },
  {
    ...accepted,
    when: 'the event is too old for its route',
    request: structured(event('8', 'old', { time: '2020-01-01T00:00:00Z' })),
  },
  { ...accepted, when: 'the batch is empty', request: batch([]) },
  { ...bad, when: 'the request is not a CloudEvent', request: { body: 'hello' }, error: /hello/ },
  {
    ...bad,
    when: 'an attribute is missing',
    request: structured({ ...event('9', 'start'), id: undefined }),
    error: /\bid\b/,
  },
  {
    ...bad,
    when: 'an attribute is malformed',
    request: structured(event('9', 'start', { time: 'noon' })),
    error: /time.*noon/,
  },
  {
    ...bad,
    when: 'the specversion is unknown',
    request: structured(event('9', 'start', { specversion: '2.0' })),
    error: /specversion/,
  },
  {
    ...{ ...bad, when: 'an attribute is repeated', error: /\bid\b/ },
    ask: () => sendIdTwice(gateway.port),
  },
  {
    ...bad,
    when: 'an event of a batch is invalid',
    request: batch([event('bad0', 'start'), 5]),
    error: /\b1\b/,
  },
  {
    ...{ when: 'the credentials are missing', status: 401, isRetried: false, error: /credentials/ },
    request: structured(event('10', 'start', { source: '/shop' })),
  },
  {
    ...{ when: 'the credentials are wrong', status: 401, isRetried: false, error: /credentials/ },
    request: structured(event('10', 'start', { source: '/shop' }), bearer('wrong-token')),
  },
  {
    ...{ when: 'the sender is not allowed', status: 403, isRetried: false, error: /not for this event/ },
    request: structured(event('10', 'start', { source: '/shop' }), bearer('bank-token')),
  },
  { when: 'the method is wrong', status: 405, isRetried: false, allow: 'POST', request: { method: 'PUT' } },
  {
    when: 'the method is GET',
    status: 405,
    isRetried: false,
    allow: 'POST',
    request: { method: 'GET', path: '/events' },
  },
  {
    when: 'the body is too large',
    status: 413,
    isRetried: false,
    request: { body: 'x'.repeat(70_000) },
    error: /65536/,
  },
  {
    ...{ when: 'the format is not JSON', status: 415, isRetried: false, error: /avro/ },
    request: { headers: { 'content-type': 'application/cloudevents+avro' }, body: 'x' },
  },
  {
    ...{ when: 'the content encoding is unknown', status: 415, isRetried: false, error: /encoding/ },
    request: { headers: { 'content-encoding': 'zip' }, body: 'x' },
  },
  {
    when: 'the id cannot be built',
    status: 422,
    isRetried: false,
    request: structured(event('11', 'no.id')),
    error: /data\.order/,
  },
  {
    when: 'the argument cannot be built',
    status: 422,
    isRetried: false,
    request: structured(event('11', 'no.argument')),
    error: /data\.order/,
  },
  {
    when: 'the time is in the future, and the route depends on it',
    status: 422,
    isRetried: false,
    request: structured(event('11', 'old', { time: '2999-01-01T00:00:00Z' })),
    error: /2999-01-01T00:00:00Z is more than 300 s in the future/,
  },
  {
    when: 'Temporal rejects it for good',
    status: 422,
    isRetried: false,
    ask: () => answerIfTemporalFails('INVALID_ARGUMENT', 'too long'),
    error: /too long/,
  },
  {
    when: 'there are too many requests',
    status: 429,
    isRetried: true,
    ask: answerIfOverloaded,
    error: /too many/,
  },
  {
    ...{ ...later, when: 'Temporal cannot be reached' },
    ask: async () => sendWithTemporalAt(`127.0.0.1:${await freePort()}`, structured(event('12', 'start'))),
  },
  { ...later, when: 'Temporal answers late', ask: () => answerIfTemporalFails(null) },
  {
    ...{ ...later, when: 'Temporal does not know the namespace' },
    ask: () =>
      sendWithTemporalAt(temporal.address, structured(event('13', 'start')), { namespace: 'not-there' }),
  },
  {
    ...later,
    when: 'Temporal denies access',
    ask: () => answerIfTemporalFails('PERMISSION_DENIED'),
    error: /scripted/,
  },
  { ...later, when: 'Temporal requires authentication', ask: () => answerIfTemporalFails('UNAUTHENTICATED') },
  { ...later, when: 'Temporal is busy', ask: () => answerIfTemporalFails('RESOURCE_EXHAUSTED') },
];

for (const { when, status, isRetried, error, location: where, allow, request, ask } of rows) {
  test(`answers ${status}, which Knative ${isRetried ? 'retries' : 'does not retry'}: ${when}`, async () => {
    const began = performance.now();
    const answer = ask === undefined ? await send(gateway.port, request ?? {}) : await ask();
    assert.ok(performance.now() - began < 4_000);
    assert.equal(isRetriedByKnative(answer.status), isRetried);
    if (status === 202) return assertAccepted(answer, where);
    const sentence = assertRejected(answer, status);
    if (error !== undefined) assert.match(sentence, error);
    assert.equal(answer.headers.allow, allow);
    const retryAfter = answer.headers['retry-after'];
    if (isRetried) assert.match(String(retryAfter), /^[1-9]\d*$/);
    else assert.equal(retryAfter, undefined);
    const { retryAfter: seconds } = replyRuleFor(status);
    assert.equal(retryAfter, seconds === undefined ? undefined : String(seconds));
  });
}

/** Answers to requests that are not events. */
const otherAnswers: readonly {
  readonly status: ReplyStatus;
  readonly when: string;
  readonly ask: () => Promise<Answer>;
}[] = [
  {
    ...{ status: 200, when: 'the webhook handshake' },
    ask: () =>
      send(gateway.port, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'events.example.com' } }),
  },
  {
    ...{ status: 404, when: 'the path is unknown' },
    ask: () => send(gateway.port, { method: 'GET', path: '/nothing' }),
  },
  { status: 500, when: 'the gateway has a bug', ask: answerIfGatewayFails },
];
for (const { status, when, ask } of otherAnswers) {
  test(`answers ${status}: ${when}`, async () => {
    const answer = await ask();
    if (status === 200) assert.deepEqual([answer.status, answer.body], [200, '']);
    else assertRejected(answer, status);
    assert.equal(answer.headers['retry-after'], undefined);
  });
}

test('the tests above cover every status of REPLY_RULES', () => {
  const tried = new Set([...rows, ...otherAnswers].map(({ status }) => String(status)));
  assert.deepEqual(
    Object.keys(REPLY_RULES).filter((status) => !tried.has(status)),
    [],
  );
});

test('docs/gateway.md lists every answer to an event, and which of them are retried', () => {
  const page = readFileSync(new URL('../../../docs/gateway.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| ([\d, ]+?)(?:, empty body)? \|.*\| (yes|no) \|$/gm)].flatMap(
    ([, statuses = '', isRetried]) => statuses.split(', ').map((status) => [status, isRetried] as const),
  );
  const toEvents = Object.entries(REPLY_RULES).filter(([status]) =>
    rows.some((row) => status === String(row.status)),
  );
  assert.deepEqual(
    documented.toSorted(),
    toEvents.map(([status, rule]) => [status, 'retryAfter' in rule ? 'yes' : 'no']),
  );
});

test('no event is answered 404 or 409, which Knative retries forever', () => {
  for (const { status } of rows) assert.ok(![404, 409].includes(status));
});
