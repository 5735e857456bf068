import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { cleanupAfterAllTests } from './cleanup-after-all-tests.ts';
import { startApi } from './running-api.ts';

const t = cleanupAfterAllTests();
const store = { get: async () => undefined, getMany: async () => [] };
type Api = Awaited<ReturnType<typeof startApi>>;
let open: Api;
let withTokens: Api;
let publicApi: Api;
before(async () => {
  open = await startApi(t, { store });
  withTokens = await startApi(t, { store, apiTokens: ['token'], metricsTokens: ['scraper', 'other'] });
  publicApi = await startApi(t, { store, loopback: false });
});

const paths = [
  '/v1/cities/110000',
  '/v1/forecasts?adcode=110000',
  '/v1/refresh-runs',
  '/api/weather/query?cityCode=110000&date=2026-11-22',
  '/openapi.json',
  '/metrics',
  '/readyz',
  '/unknown',
];
for (const path of paths)
  test(`an api on loopback without tokens answers ${path} with 403 to a web page whose name resolves to this machine`, async () => {
    const { status, body } = await open.get(path, { headers: { host: 'evil.example:8081' } });
    assert.equal(status, 403);
    assert.equal(body.type, '/problems/foreign-host');
    assert.equal(
      body.detail,
      'the Host header must be localhost, 127.x.x.x or [::1], but is "evil.example:8081"',
    );
  });

test('an api on loopback without tokens serves every name of this machine', async () => {
  for (const host of ['localhost:8081', '127.0.0.1', '[::1]:8081'])
    for (const path of ['/v1/cities/110000', '/api/weather/query?cityCode=110000&date=2026-11-22'])
      assert.equal((await open.get(path, { headers: { host } })).status, 200, host);
});

test('an api with tokens or a public address serves forecasts for any host name', async () => {
  for (const api of [withTokens, publicApi])
    for (const path of ['/v1/cities/110000', '/api/weather/query?cityCode=110000&date=2026-11-22'])
      assert.equal((await api.get(path, { headers: { host: 'weather.example' } })).status, 200);
});

test('with SLUICE_METRICS_TOKENS, the metrics of the api require one of these tokens, and other paths require none', async () => {
  const statusOf = async (path: string, authorization?: string): Promise<number> =>
    (await withTokens.get(path, { headers: authorization === undefined ? {} : { authorization } })).status;
  assert.equal(await statusOf('/metrics'), 401);
  assert.equal(await statusOf('/metrics', 'Bearer wrong'), 401);
  assert.equal(await statusOf('/metrics', 'Bearer token'), 401);
  assert.equal(await statusOf('/metrics', 'Bearer scraper'), 200);
  assert.equal(await statusOf('/metrics', 'Bearer other'), 200);
  assert.equal(await statusOf('/readyz'), 200);
});
