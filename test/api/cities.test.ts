import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { cleanupAfterAllTests } from './cleanup-after-all-tests.ts';
import { type Answer, startApi } from './running-api.ts';

const t = cleanupAfterAllTests();
let get: (path: string, sent?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>;
before(async () => {
  const unavailable = () => Promise.reject(new Error('the catalogue needs no store'));
  get = (await startApi(t, { store: { get: unavailable, getMany: unavailable } })).get;
});

interface Page {
  readonly items: readonly { readonly adcode: string; readonly name: string; readonly path: string[] }[];
  readonly total: number;
  readonly next: string | null;
}
const pageOf = (answer: Answer): Page => {
  assert.equal(answer.status, 200, answer.text);
  return answer.body as unknown as Page;
};

const firstMatches: readonly (readonly [query: string, adcode: string])[] = [
  ['q=yueqing', '330382'],
  [`q=${encodeURIComponent('乐清')}`, '330382'],
  ['q=bj', '110000'],
  ['q=320684', '320614'],
  [`q=${encodeURIComponent('温州 乐清')}`, '330382'],
  ['q=yue+qing&level=county', '330382'],
  ['level=prefecture', '130100'],
  ['parent=330300', '330302'],
  ['', '110000'],
];
for (const [query, adcode] of firstMatches) {
  test(`/v1/cities?${decodeURIComponent(query)} finds ${adcode} first`, async () => {
    assert.equal(pageOf(await get(`/v1/cities?${query}`)).items[0]?.adcode, adcode);
  });
}

test('places with the same name are listed with their parents', async () => {
  const { items } = pageOf(await get(`/v1/cities?q=${encodeURIComponent('朝阳区')}`));
  const paths = items.filter(({ name }) => name === '朝阳区').map(({ path }) => path.join(' '));
  assert.deepEqual(paths, ['北京市 朝阳区', '吉林省 长春市 朝阳区']);
});

test('a search without results is an empty page', async () => {
  assert.deepEqual(pageOf(await get('/v1/cities?q=qqqqqq')), { items: [], total: 0, next: null });
});

for (const query of ['', 'level=county', 'q=shan'])
  test(`cursors return all places of "${query}" exactly once`, async () => {
    const seen: string[] = [];
    let total = 0;
    for (let cursor = ''; ; ) {
      const page = pageOf(await get(`/v1/cities?limit=100&${query}${cursor}`));
      seen.push(...page.items.map(({ adcode }) => adcode));
      total = page.total;
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    assert.equal(seen.length, total);
    assert.equal(new Set(seen).size, total);
    // 34 provinces, 333 prefectures and 2,875 counties, as in docs/catalogue.md.
    if (query === '') assert.equal(total, 3_242);
  });

test('a place is returned with all its properties', async () => {
  const { status, body, headers } = await get('/v1/cities/330382');
  assert.equal(status, 200);
  assert.deepEqual(body, {
    ...{ adcode: '330382', name: '乐清市', path: ['浙江省', '温州市', '乐清市'], level: 'county' },
    ...{ parent: '330300', pinyin: 'yue qing', initials: 'yq', timeZone: 'Asia/Shanghai' },
    ...{ latitude: null, longitude: null },
  });
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(
    headers['cache-control'],
    'public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400',
  );
});

test('a code that has moved returns its successor', async () => {
  const { status, body, headers } = await get('/v1/cities/320684');
  assert.equal(status, 200);
  assert.deepEqual([body.adcode, body.name, body.movedFrom], ['320614', '海门区', '320684']);
  assert.equal(headers['content-location'], '/v1/cities/320614');
});

const unknown: readonly (readonly [code: string, nearest: string])[] = [
  ['330389', '330382'],
  ['330301999', '330302'],
  ['beijing', '110000'],
  [encodeURIComponent('乐清'), '330382'],
  ['yueqin', '330382'],
];
for (const [code, nearest] of unknown) {
  test(`/v1/cities/${decodeURIComponent(code)} is 404 and lists ${nearest} as similar`, async () => {
    const { status, body, headers } = await get(`/v1/cities/${code}`);
    assert.equal(status, 404);
    assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.equal(body.type, '/problems/city-not-found');
    assert.equal(body.detail, `no place has the adcode "${decodeURIComponent(code)}"`);
    assert.equal(body.instance, `/v1/cities/${code}`);
    const near = body.nearest as Page['items'];
    assert.ok(
      near.some(({ adcode }) => adcode === nearest),
      JSON.stringify(near),
    );
    assert.ok(near.length <= 5);
  });
}

test('unchanged content is 304, for GET and HEAD', async () => {
  for (const path of ['/v1/cities?q=bei', '/v1/cities/110000', '/openapi.json']) {
    const whole = await get(path);
    const etag = String(whole.headers.etag);
    assert.match(etag, /^W\/"[0-9a-f]+"$/);
    for (const method of ['GET', 'HEAD'])
      for (const known of [etag, '*', `"x", ${etag}`, etag.slice(2)]) {
        const again = await get(path, { method, headers: { 'if-none-match': known } });
        assert.equal(again.status, 304, `${method} ${path} ${known}`);
        assert.equal(again.text, '');
        assert.equal(again.headers.etag, etag);
        assert.equal(again.headers['cache-control'], whole.headers['cache-control']);
      }
    assert.equal((await get(path, { headers: { 'if-none-match': 'W/"other"' } })).status, 200);
    const head = await get(path, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], String(Buffer.byteLength(whole.text)));
  }
});
