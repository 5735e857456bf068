import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { cleanupAfterAllTests } from './cleanup-after-all-tests.ts';
import { type Answer, startApi } from './running-api.ts';

const t = cleanupAfterAllTests();
let get: (path: string, sent?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>;
before(async () => {
  const never = () => Promise.reject(new Error('bad input must not reach the store'));
  get = (await startApi(t, { store: { get: never, getMany: never } })).get;
});

const codes = (count: number): string => Array.from({ length: count }, (_, at) => 110101 + at).join(',');

/** A request, and the messages of its answer, in any order. */
const wrong: readonly (readonly [path: string, ...sentences: string[]])[] = [
  ['/v1/cities?limit=0', 'limit is "0": it must be >= 1'],
  ['/v1/cities?limit=101', 'limit is "101": it must be <= 100'],
  ['/v1/cities?limit=ten', 'limit is "ten": it must be an integer'],
  ['/v1/cities?limit=0x10', 'limit is "0x10": it must be an integer'],
  ['/v1/cities?limit=0x0', 'limit is "0x0": it must be an integer'],
  ['/v1/cities?limit=1e1', 'limit is "1e1": it must be an integer'],
  ['/v1/cities/110000/forecast?days=%201', 'days is " 1": it must be an integer'],
  ['/v1/cities?limit=1.5', 'limit is "1.5": it must be an integer'],
  ['/v1/cities?limit=', 'limit is "": it must be an integer'],
  [`/v1/cities?limit=${'x'.repeat(100)}`, `limit is "${'x'.repeat(100)}": it must be an integer`],
  [`/v1/cities?limit=${'9'.repeat(308)}`, `limit is "${'9'.repeat(100)}…": it must be <= 100`],
  [`/v1/cities?limit=${'9'.repeat(310)}`, `limit is "${'9'.repeat(100)}…": it must have fewer digits`],
  ['/v1/cities?limit=1;2', 'limit is "1;2": it must be an integer'],
  ['/v1/cities?limit=1&limit=2', 'limit is "1,2": it must be an integer'],
  ['/v1/cities?q=a&q=b', 'q is "a,b": it must be string'],
  [
    `/v1/cities?q=${'a'.repeat(101)}`,
    `q is "${'a'.repeat(100)}…": it must NOT have more than 100 characters`,
  ],
  [
    '/v1/cities?level=town',
    'level is "town": it must be equal to one of the allowed values: province, prefecture, county',
  ],
  ['/v1/cities?parent=999999', 'parent is "999999": it must be the adcode of a place'],
  ['/v1/cities?cursor=abc', 'cursor is "abc": it must be the `next` of a page'],
  ['/v1/cities?Q=x', 'parameter "Q" does not exist'],
  [
    '/v1/cities?limit=0&level=x&parent=1&cursor=!&page=2&__proto__=1',
    'limit is "0": it must be >= 1',
    'level is "x": it must be equal to one of the allowed values: province, prefecture, county',
    'parent is "1": it must be the adcode of a place',
    'cursor is "!": it must be the `next` of a page',
    'parameter "page" does not exist',
    'parameter "__proto__" does not exist',
  ],
  ['/v1/cities/110000?x=1', 'parameter "x" does not exist'],
  [
    `/v1/cities/${'1'.repeat(101)}`,
    `adcode is "${'1'.repeat(100)}…": it must NOT have more than 100 characters`,
  ],
  ['/v1/cities/110000/forecast?days=0', 'days is "0": it must be >= 1'],
  ['/v1/cities/110000/forecast?days=11', 'days is "11": it must be <= 10'],
  ['/v1/cities/110000/forecast?days=-1&d=1', 'days is "-1": it must be >= 1', 'parameter "d" does not exist'],
  ['/v1/forecasts', 'adcode is missing'],
  ['/v1/forecasts?adcode=', 'adcode is "": it must be one or more adcodes, separated by commas'],
  [
    '/v1/forecasts?adcode=110000,x,12&days=99&a=1',
    'adcode is "x": it must have six digits',
    'adcode is "12": it must have six digits',
    'days is "99": it must be <= 10',
    'parameter "a" does not exist',
  ],
  [
    `/v1/forecasts?adcode=${codes(51)}`,
    `adcode is "${codes(51).slice(0, 100)}…": it must NOT have more than 50 items`,
  ],
  ['/v1/forecasts?adcode[0]=110000', 'parameter "adcode[0]" does not exist'],
  ['/v1/forecasts?adcode[]=110000&x=1', 'parameter "adcode[]" does not exist'],
  [`/v1/forecasts?adcode=${','.repeat(200)}`, 'the query has 201 values: it must have at most 200'],
  [
    '/v1/refresh-runs?limit=0&cursor=%21',
    'limit is "0": it must be >= 1',
    'cursor is "!": it must be the `next` of a page',
  ],
];

for (const [path, ...sentences] of wrong) {
  test(`${path.slice(0, 80)} is 400 and lists every mistake`, async () => {
    for (const method of ['GET', 'HEAD']) {
      const { status, body, headers } = await get(path, { method });
      assert.equal(status, 400);
      assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8');
      assert.equal(headers['cache-control'], 'no-store');
      if (method === 'HEAD') continue;
      assert.equal(body.type, '/problems/invalid-parameter');
      const errors = body.errors as { in: string; name: string; detail: string }[];
      assert.deepEqual(errors.map(({ detail }) => detail).sort(), [...sentences].sort());
      for (const { in: where } of errors)
        assert.equal(where, /^\/v1\/cities\/1+$/.test(path) ? 'path' : 'query');
      assert.ok(errors.some(({ detail }) => String(body.detail).startsWith(detail)));
    }
  });
}

const unknown = (count: number): string => Array.from({ length: count }, (_, at) => `a${at}`).join('&');

for (const [count, listed, detail] of [
  [1, 1, 'parameter "a0" does not exist'],
  [20, 20, 'parameter "a0" does not exist, and 19 more'],
  [21, 20, 'parameter "a0" does not exist, and 20 more'],
  [200, 20, 'parameter "a0" does not exist, and 199 more'],
  [201, 1, 'the query has 201 values: it must have at most 200'],
] as const)
  test(`${count} unknown parameters are 400, and the answer lists ${listed} errors`, async () => {
    const { status, body } = await get(`/v1/cities?${unknown(count)}`);
    assert.equal(status, 400);
    assert.equal(body.detail, detail);
    assert.equal((body.errors as unknown[]).length, listed);
  });

test('a list of 200 empty values is 400 with the errors of the list', async () => {
  const { status, body } = await get(`/v1/forecasts?adcode=${','.repeat(199)}`);
  assert.equal(status, 400);
  const errors = body.errors as { detail: string }[];
  assert.deepEqual(errors.map(({ detail }) => detail).sort(), [
    'adcode is "": it must have six digits',
    `adcode is "${','.repeat(100)}…": it must NOT have more than 50 items`,
  ]);
});

const unknownPaths = [
  '/',
  '/v1',
  '/v2/cities',
  '/v1/cities/110000/forecasts',
  '/problems',
  '/..%2f..%2fetc/passwd',
  '/V1/cities',
  '/v1/Cities/110000/forecast',
  '/v1/cities/',
  '/LIVEZ',
  '/API/weather/query',
  '/api/weather/query/',
];
for (const path of unknownPaths) {
  test(`${path} is 404 with a problem`, async () => {
    const { status, body } = await get(path);
    assert.equal(status, 404);
    assert.deepEqual(body, {
      ...{ type: '/problems/not-found', title: 'Not found', status: 404 },
      ...{ detail: 'this path does not exist', instance: path },
    });
  });
}

for (const path of ['/v1/cities', '/v1/cities/110000', '/v1/forecasts', '/openapi.json', '/metrics'])
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    test(`${method} ${path} is 405 with the allowed methods`, async () => {
      const { status, body, headers } = await get(path, { method });
      assert.equal(status, 405);
      assert.equal(headers.allow, 'GET, HEAD');
      assert.equal(body.type, '/problems/method-not-allowed');
    });

test('a path that cannot be decoded is 400', async () => {
  const { status, body } = await get('/v1/cities/%E0%A4%A');
  assert.equal(status, 400);
  const detail = 'the path of the request cannot be decoded';
  assert.equal(body.detail, detail);
  assert.deepEqual(body.errors, [{ in: 'path', name: 'path', detail }]);
});

test('OPTIONS * is 404 with a problem', async () => {
  const { status, body, headers } = await get('*', { method: 'OPTIONS' });
  assert.equal(status, 404);
  assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8');
  assert.equal(body.type, '/problems/not-found');
});

test('a request target with scheme and host, as from a proxy, is read as its path', async () => {
  assert.equal((await get('http://sluice.example/v1/cities/110000')).body.adcode, '110000');
  assert.equal((await get('HTTP://sluice.example?x')).body.instance, '/');
});
