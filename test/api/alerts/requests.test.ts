import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, test } from 'node:test';
import { type channelsTable, requestsTable, subscriptionsTable } from '../../../ports/alert-tables.ts';
import { cleanupAfterAllTests } from '../cleanup-after-all-tests.ts';
import { startApi } from '../running-api.ts';
import {
  type AlertsApi,
  CHANGER,
  createChannel,
  createSubscription,
  READER,
  ROBOT_URL,
  startAlertsApi,
} from './running-alerts-api.ts';

const t = cleanupAfterAllTests();
let api: AlertsApi;
let channelId: string;
before(async () => {
  api = await startAlertsApi(t);
  channelId = await createChannel(api);
});

const countOf = async (table: typeof channelsTable | typeof subscriptionsTable): Promise<number> => {
  let count = 0;
  for await (const _ of api.store.range(table as typeof channelsTable)) count++;
  return count;
};

const READS = ['/v1/channels', '/v1/subscriptions', '/v1/deliveries', '/v1/channels/x'];
const CHANGES = [
  ['POST', '/v1/channels'],
  ['PATCH', '/v1/channels/x'],
  ['DELETE', '/v1/channels/x'],
  ['POST', '/v1/channels/x/test'],
  ['POST', '/v1/subscriptions'],
  ['PATCH', '/v1/subscriptions/x'],
  ['DELETE', '/v1/subscriptions/x'],
  ['POST', '/v1/subscriptions/x/pause'],
  ['POST', '/v1/subscriptions/x/resume'],
  ['POST', '/v1/subscriptions/x/mute'],
  ['POST', '/v1/subscriptions/x/send-now'],
  ['POST', '/v1/deliveries/x/resend'],
] as const;

test('reading needs a token, which may be one for reading only', async () => {
  for (const path of [...READS, '/v1/subscriptions/x/preview', '/v1/refresh-runs']) {
    for (const token of ['', 'wrong']) {
      const { status, body, headers } = await api.send('GET', path, { token });
      assert.deepEqual([status, headers['www-authenticate']], [401, 'Bearer'], path);
      assert.equal(body.detail, 'this path requires a token of SLUICE_API_TOKENS or SLUICE_API_READ_TOKENS');
    }
    for (const token of [READER, CHANGER])
      assert.ok(![401, 403].includes((await api.send('GET', path, { token })).status), path);
  }
});

test('a change needs a token that may change', async () => {
  for (const [method, path] of CHANGES) {
    for (const token of ['', 'wrong'])
      assert.equal((await api.send(method, path, { token, json: {} })).status, 401, `${method} ${path}`);
    const { status, body } = await api.send(method, path, { token: READER, json: {} });
    assert.deepEqual([status, body.type], [403, '/problems/forbidden']);
    assert.ok(![401, 403].includes((await api.send(method, path, { json: {} })).status), `${method} ${path}`);
  }
});

test('on loopback, an api without tokens, or with open reads, is read without a token, but not changed', async (t) => {
  for (const options of [{ apiTokens: [], apiReadTokens: [] }, { openReads: true }]) {
    const own = await startAlertsApi(t, options);
    assert.equal((await own.send('GET', '/v1/channels', { token: '' })).status, 200);
    const rebound = { token: '', headers: { host: 'evil.example' } };
    assert.equal((await own.send('GET', '/v1/channels', rebound)).status, 403);
    for (const [method, path] of CHANGES)
      assert.equal((await own.send(method, path, { token: '', json: {} })).status, 401, path);
  }
  const publicApi = await startAlertsApi(t, { openReads: true, loopback: false });
  assert.equal((await publicApi.send('GET', '/v1/channels', { token: '' })).status, 401);
});

const badBodies: readonly (readonly [
  name: string,
  sent: { body?: string | Buffer; headers?: Record<string, string> },
  status: number,
  detail: RegExp,
])[] = [
  ['no body', {}, 415, /^the body must be JSON: Content-Type must be application\/json$/],
  [
    'a form',
    { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    /must be JSON/,
  ],
  [
    'a type that only begins like JSON',
    { body: '{}', headers: { 'content-type': 'application/jsonx' } },
    415,
    /must be JSON/,
  ],
  [
    'another charset',
    { body: '{}', headers: { 'content-type': 'application/json; charset=gbk' } },
    415,
    /must be JSON/,
  ],
  [
    'a very long type',
    { body: '{}', headers: { 'content-type': `application/json;${' '.repeat(12_000)}x` } },
    415,
    /must be JSON/,
  ],
  [
    'a compressed body',
    { body: 'x', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
    415,
    /remove Content-Encoding/,
  ],
  [
    'an empty body',
    { body: '', headers: { 'content-type': 'application/json' } },
    400,
    /^the body is not JSON in UTF-8$/,
  ],
  [
    'half an object',
    { body: '{"url":"hidden', headers: { 'content-type': 'application/json' } },
    400,
    /^the body is not JSON in UTF-8$/,
  ],
  [
    'bytes that are not UTF-8',
    { body: Buffer.from([0x22, 0xff, 0x22]), headers: { 'content-type': 'application/json' } },
    400,
    /^the body is not JSON in UTF-8$/,
  ],
  [
    'very many levels',
    { body: '['.repeat(30_000) + ']'.repeat(30_000), headers: { 'content-type': 'application/json' } },
    400,
    /^the body has more than 32 levels$/,
  ],
  [
    'more than 64 KiB',
    { body: `"${'x'.repeat(65_536)}"`, headers: { 'content-type': 'application/json' } },
    413,
    /^the body has more than 65536 bytes$/,
  ],
];
for (const [name, sent, status, detail] of badBodies)
  test(`refuses ${name} with ${status}`, async () => {
    for (const path of ['/v1/channels', '/v1/subscriptions']) {
      const answer = await api.send('POST', path, sent);
      assert.equal(answer.status, status, answer.text);
      assert.match(String(answer.body.detail), detail);
      assert.ok(!answer.text.includes('hidden'));
    }
  });

test('a body of exactly 64 KiB, with a charset and white space around it, is read', async () => {
  const json = JSON.stringify({ kind: 'dingtalk', url: ROBOT_URL });
  const body = json.padEnd(65_536, ' ');
  const headers = { 'content-type': 'Application/JSON; charset="UTF-8"' };
  assert.equal((await api.send('POST', '/v1/channels', { body, headers })).status, 201);
});

test('a body without a length that does not end is cut at 64 KiB, and answered 413', async (t) => {
  const { port } = await startApi(t, { store: api.store, apiTokens: [CHANGER] });
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.write(
    `POST /v1/channels HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${CHANGER}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  const chunk = Buffer.concat([Buffer.from('4000\r\n'), Buffer.alloc(0x4000, 0x20), Buffer.from('\r\n')]);
  for (let count = 0; count < 5; count++) socket.write(chunk);
  let answer = '';
  for await (const piece of socket) answer += piece;
  assert.match(answer, /^HTTP\/1\.1 413 .*\r\nConnection: close\r\n/s);
});

test('unknown query parameters are refused on every method', async () => {
  const id = await createSubscription(api, { channelId });
  for (const [method, path] of [
    ['POST', '/v1/subscriptions?adcode=110000'],
    ['DELETE', `/v1/subscriptions/${id}?force=1`],
  ] as const)
    assert.equal((await api.send(method, path, { json: {} })).body.type, '/problems/invalid-parameter');
  const { status, headers: answered } = await api.send('PUT', `/v1/subscriptions/${id}`);
  assert.deepEqual([status, answered.allow], [405, 'DELETE, GET, HEAD, PATCH']);
});

test('a repeated POST with the same key creates one thing, also at the same time', async () => {
  const json = { adcode: '110000', channelId, at: '06:00' };
  const before = await countOf(subscriptionsTable);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => api.send('POST', '/v1/subscriptions', { json, key: 'one' })),
  );
  api.setTime(Date.parse('2026-11-22T05:00:00Z'));
  // The order of the fields and white space do not count.
  const body = JSON.stringify({ at: '06:00', channelId, adcode: '110000' }, undefined, 2);
  const headers = { 'content-type': 'application/json' };
  answers.push(await api.send('POST', '/v1/subscriptions', { body, headers, key: 'one' }));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201]);
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  assert.equal(await countOf(subscriptionsTable), before + 1);
});

test('the same key with another body is refused with 422, and changes nothing', async () => {
  const post = (json: object, path = '/v1/subscriptions') => api.send('POST', path, { json, key: 'two' });
  const first = await post({ adcode: '110000', channelId });
  for (const json of [
    { adcode: '110000', channelId, at: '06:00' },
    { adcode: '310000', channelId },
  ]) {
    const { status, body } = await post(json);
    assert.deepEqual([status, body.type], [422, '/problems/key-reused']);
  }
  assert.deepEqual((await api.send('GET', '/v1/subscriptions?adcode=310000')).body.items, []);
  // On another path, the key is another one.
  assert.equal((await post({ kind: 'dingtalk', url: ROBOT_URL }, '/v1/channels')).status, 201);
  const id = first.body.id;
  const mute = (until: string) =>
    api.send('POST', `/v1/subscriptions/${id}/mute`, { json: { until }, key: 'three' });
  assert.equal((await mute('2026-11-23T00:00:00Z')).status, 200);
  assert.equal((await mute('2026-11-24T00:00:00Z')).status, 422);
});

test('a path that is written in another way does not repeat a POST', async () => {
  const id = await createSubscription(api, { channelId });
  const post = (action: string, path: string) =>
    api.send('POST', `/v1/subscriptions/${path}/${action}`, action === 'pause' ? { key: 'five' } : {});
  assert.equal((await post('pause', id)).body.paused, true);
  assert.equal((await post('resume', id)).body.paused, false);
  const escaped = id.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`);
  assert.equal((await post('pause', escaped)).body.paused, false);
});

test('a repeated pause does not undo a later resume', async () => {
  const id = await createSubscription(api, { channelId });
  const pause = () => api.send('POST', `/v1/subscriptions/${id}/pause`, { key: 'four' });
  assert.equal((await pause()).body.paused, true);
  assert.equal((await api.send('POST', `/v1/subscriptions/${id}/resume`)).body.paused, false);
  assert.equal((await pause()).body.paused, false);
});

test('a request that was refused does not use up its key, and keys are stored as hashes', async () => {
  const key = 'hidden-idempotency-key';
  const refused = await api.send('POST', '/v1/channels', { json: { kind: 'fax', url: ROBOT_URL }, key });
  assert.equal(refused.status, 400);
  const created = await api.send('POST', '/v1/channels', { json: { kind: 'dingtalk', url: ROBOT_URL }, key });
  assert.equal(created.status, 201);
  let stored = '';
  for await (const { key: id, columns } of api.store.range(requestsTable))
    stored += `${id.requestId} ${columns.body}`;
  assert.ok(stored.length > 100 && !stored.includes('hidden'));
  for (const wrong of ['', 'x'.repeat(256)]) {
    const { status, body } = await api.send('POST', '/v1/channels', { json: {}, key: wrong });
    assert.equal(status, 400);
    assert.match(
      String(body.detail),
      /^idempotency-key is ".*": it must have 1 to 255 printable ASCII characters$/i,
    );
    assert.equal((body.errors as { in: string }[])[0]?.in, 'header');
  }
});
