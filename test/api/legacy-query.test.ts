import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { declareTable, type Table } from '../../ports/table.ts';
import { weatherTable } from '../../ports/weather-tables.ts';
import { startTablestore } from '../local/tablestore/running-tablestore.ts';
import { cleanupAfterAllTests } from './cleanup-after-all-tests.ts';
import { sendRequest, startApi, storeAt } from './running-api.ts';
import { storeDay } from './stored-weather.ts';

const t = cleanupAfterAllTests();
let port = 0;
let storeWrongType: () => Promise<unknown>;
before(async () => {
  const tablestore = await startTablestore();
  t.after(tablestore.stop);
  const store = await storeAt(t, tablestore.endpoint);
  await storeDay(store, '330100', '2019-12-23', {
    ...{ reporttime: '2019-12-23 14:25:41', week: '1', nighttemp: '8', nightwind: '东' },
    ...{ revision: 3n, precipitationmm: 0.5 },
  });
  const wrong: Table = declareTable({ ...weatherTable, columns: { daytemp: 'integer' } });
  storeWrongType = () => store.put(wrong, { adcode: '110000', date: '2019-12-23' }, { daytemp: 5n });
  port = (await startApi(t, { store })).port;
});

// Recorded with a Go program that has the struct of the replaced service, makes the same checks in the same order as
// the service's handler, and uses json.Marshal.
const FOUND =
  '{"code":200,"message":"","data":{"adcode":"330100","city":"杭州市","date":"2019-12-23","daypower":"4","daytemp":"11","dayweather":"小雨","daywind":"东","nightpower":"≤3","nighttemp":"8","nightweather":"小雨-中雨","nightwind":"东","province":"浙江","reporttime":"2019-12-23 14:25:41","week":"1"}}';
const NONE = '{"code":200,"message":"","data":{}}';
const NO_CITY = '{"code":400,"message":"cityCode param a does not exist","data":null}';
const NO_DATE = '{"code":400,"message":"date param a does not exist","data":null}';
const REFUSED = '{"code":400,"message":"Query error: the forecast store is not available","data":null}';

const bodies: readonly (readonly [query: string, body: string])[] = [
  ['?cityCode=330100&date=2019-12-23', FOUND],
  ['?date=2019-12-23&cityCode=330100&more=1', FOUND],
  ['?cityCode=330100&cityCode=x&date=2019-12-23&date=y', FOUND],
  ['?cityCode=330100&date=2019-12-24', NONE],
  ['?cityCode=nowhere&date=whenever', NONE],
  ['?cityCode=%E6%9D%AD%E5%B7%9E&date=%00%FF', NONE],
  ['?cityCode=330100&date=', NONE],
  ['?cityCode=&date=2019-12-23', NONE],
  // Go's url.ParseQuery omits a pair that it cannot read.
  ['?cityCode=%zz&date=2019-12-23', NO_CITY],
  ['?cityCode=%zz&cityCode=330100&date=2019-12-23', FOUND],
  ['?cityCode=330100&date=2019-12-23&x=%zz', FOUND],
  ['?date=2019-12-23&cityCode=330100;x=1', NO_CITY],
  ['?cityCode=330100&date=2019-12-23%', NO_DATE],
  ['?city%43ode=330100&&date=2019%2d12-23', FOUND],
  ['?cityCode=330100&date=2019-12-23+', NONE],
  ['', NO_CITY],
  ['?', NO_CITY],
  ['?date=2019-12-23', NO_CITY],
  ['?citycode=330100&date=2019-12-23', NO_CITY],
  ['?cityCode=330100', NO_DATE],
  ['?cityCode', NO_DATE],
  [`?cityCode=${'9'.repeat(2_000)}&date=x`, REFUSED],
];

for (const [query, body] of bodies) {
  test(`the query ${query.slice(0, 60)} is answered byte for byte as by the replaced service`, async () => {
    for (const method of ['GET', 'POST', 'HEAD']) {
      const answer = await sendRequest(port, `/api/weather/query${query}`, { method });
      assert.equal(answer.status, 200);
      assert.equal(answer.text, method === 'HEAD' ? '' : body);
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.equal(answer.headers['content-length'], String(Buffer.byteLength(body)));
    }
  });
}

test('the answer says that it is deprecated, and names the successor', async () => {
  const { headers } = await sendRequest(port, '/api/weather/query?cityCode=330100&date=2019-12-23');
  assert.equal(headers.deprecation, '@1795305600');
  assert.equal(headers.link, '</v1/cities/330100/forecast>; rel="successor-version"');
  const other = await sendRequest(port, '/api/weather/query?cityCode=%3E%0d%0aX:y&date=x');
  assert.equal(other.headers.link, '</v1/cities>; rel="successor-version"');
});

test('a query with scheme and host in the request target, or with an escaped path, has the same answer', async () => {
  const query = '?cityCode=330100&date=2019-12-23';
  for (const path of ['http://weather.example/api/weather/query', '/api/weather/quer%79'])
    assert.equal((await sendRequest(port, `${path}${query}`)).text, FOUND, path);
});

test('a column with another type than declared is omitted', async () => {
  await storeWrongType();
  const { body } = await sendRequest(port, '/api/weather/query?cityCode=110000&date=2019-12-23');
  assert.equal(body.code, 200);
  const { adcode, daytemp } = body.data as Record<string, unknown>;
  assert.deepEqual([adcode, daytemp], ['110000', undefined]);
});
