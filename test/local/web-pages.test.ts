import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { allPlaces } from '../../domain/catalogue/catalogue.ts';
import { startAmap } from './amap/running-amap.ts';
import { aliOss, startCloud } from './local-cloud.ts';
import { anySize, formOf, post, signed } from './oss/upload-form.ts';
import { send } from './raw-request.ts';
import { startTablestore } from './tablestore/running-tablestore.ts';
import { call, headersOf } from './tablestore/signed-call.ts';

type Headers = Readonly<Record<string, string>>;

/** The headers of browsers with requests that a page of another origin sends. */
const foreignPages: readonly (readonly [name: string, headers: Headers])[] = [
  ['a page of another site', { origin: 'http://evil.example' }],
  ['a page of another local server', { origin: 'http://localhost:3000' }],
  ['a sandboxed page', { origin: 'null' }],
  ['a request of another site without Origin', { 'sec-fetch-site': 'cross-site' }],
  ['a request of another port without Origin', { 'sec-fetch-site': 'same-site' }],
];

/** A person opens a link. */
const navigation = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
};

test('the local OSS rejects signed forms of foreign web pages, and stores nothing', async (t) => {
  const endpoint = await startCloud(t);
  for (const [name, headers] of foreignPages) {
    const body = formOf({ key: 'k', ...signed([anySize]) }, 'hello');
    const { status, code } = await post(endpoint, body, headers);
    assert.deepEqual([status, code], [403, 'AccessDenied'], name);
    assert.equal((await send(endpoint, '/eb-ask/k')).status, 404, name);
  }
});

for (const [version, sign] of [
  ['1', async (oss, method) => oss.signatureUrl('k', { method, expires: 60 })],
  ['4', async (oss, method) => oss.signatureUrlV4(method, 60, {}, 'k')],
] as const satisfies readonly (readonly [
  string,
  (oss: ReturnType<typeof aliOss>, method: 'GET' | 'PUT' | 'DELETE') => Promise<string>,
])[])
  test(`the local OSS rejects signed addresses of version ${version} in foreign web pages, but a person can open them`, async (t) => {
    const endpoint = await startCloud(t);
    const oss = aliOss(endpoint);
    await oss.put('k', Buffer.from('content'));
    const request = async (method: 'GET' | 'PUT' | 'DELETE', headers: Headers) => {
      const { pathname, search } = new URL(await sign(oss, method));
      return send(endpoint, pathname + search, { method, headers });
    };
    for (const [name, headers] of foreignPages)
      for (const method of ['GET', 'PUT', 'DELETE'] as const) {
        const { status, code } = await request(method, headers);
        assert.deepEqual([status, code], [403, 'AccessDenied'], `${method} of ${name}`);
      }
    assert.equal(String((await request('GET', navigation)).body), 'content');
    assert.equal((await request('PUT', navigation)).status, 403);
  });

async function tablestore(t: TestContext) {
  const running = await startTablestore();
  t.after(() => running.stop());
  return running;
}

const listTables = (endpoint: string, headers: Headers) => {
  const signedHeaders = headersOf('/ListTable', Buffer.alloc(0));
  return send(endpoint, '/ListTable', {
    method: 'POST',
    body: '',
    headers: { ...signedHeaders, ...headers },
  });
};

test('the local Tablestore rejects signed requests of foreign web pages', async (t) => {
  const { endpoint } = await tablestore(t);
  for (const [name, headers] of foreignPages) {
    const { status, body } = await listTables(endpoint, headers);
    assert.equal(status, 403, name);
    assert.match(String(body), /OTSAuthFailed.*may not send requests to the local Tablestore/s, name);
  }
  assert.equal((await listTables(endpoint, navigation)).status, 403);
});

test('the local Tablestore answers only requests whose Host is a name of this machine or of the instance', async (t) => {
  const { endpoint } = await tablestore(t);
  for (const [host, status] of [
    ['evil.example', 403],
    ['localhost.evil.example:9001', 403],
    ['other.localhost:9001', 403],
    ['localhost:9001', 200],
    ['127.0.0.1', 200],
    ['[::1]:9001', 200],
    ['sluice-local.localhost:9001', 200],
  ] as const) {
    const answer = await listTables(endpoint, { host });
    assert.equal(answer.status, status, host);
    if (status === 403) assert.match(String(answer.body), /OTSAuthFailed.*the Host header must be/s);
  }
  await call(endpoint, 'ListTable', {});
});

test('the local AMap rejects web pages, also with a name that resolves to this machine, and counts no call', async (t) => {
  const running = await startAmap();
  t.after(() => running.stop());
  const city = allPlaces()[0]?.adcode ?? '';
  const path = `/v3/weather/weatherInfo?key=local&city=${city}`;
  for (const [name, headers] of [...foreignPages, ['DNS rebinding', { host: 'evil.example' }] as const]) {
    const { status, body } = await send(running.endpoint, path, { headers });
    assert.equal(status, 403, name);
    assert.match(JSON.parse(String(body)).error, /may not send requests to the local AMap|the Host header/);
  }
  const counted = await send(running.endpoint, '/-/calls');
  assert.equal(JSON.parse(String(counted.body)).total, 0);
  assert.equal((await send(running.endpoint, path)).status, 200);
});
