import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LegacyQueryResult, legacyAnswer } from '../../../domain/weather/legacy-answer.ts';

const row = {
  week: '1',
  reporttime: '2019-12-23 14:25:41',
  province: '浙江',
  nightwind: '东',
  nightweather: '小雨-中雨',
  nighttemp: '8',
  nightpower: '≤3',
  daywind: '东',
  dayweather: '小雨',
  daytemp: '11',
  daypower: '4',
  date: '2019-12-23',
  city: '杭州市',
  adcode: '330100',
};

// Bodies that a Go program has printed with json.Marshal and the struct of the replaced service. The body before the
// last is written by hand, because that service used an old release of Go. Old releases write \u0008 and \u000c; newer
// releases write \b and \f.
const found =
  '{"code":200,"message":"","data":{"adcode":"330100","city":"杭州市","date":"2019-12-23","daypower":"4","daytemp":"11","dayweather":"小雨","daywind":"东","nightpower":"≤3","nighttemp":"8","nightweather":"小雨-中雨","nightwind":"东","province":"浙江","reporttime":"2019-12-23 14:25:41","week":"1"}}';

const bodies: readonly (readonly [name: string, outcome: LegacyQueryResult, body: string])[] = [
  ['a row', { row }, found],
  ['a row with additional columns', { row: { ...row, id: 'x', revision: '3', provider: 'amap' } }, found],
  ['no row', { row: undefined }, '{"code":200,"message":"","data":{}}'],
  [
    'no cityCode',
    { missing: 'cityCode' },
    '{"code":400,"message":"cityCode param a does not exist","data":null}',
  ],
  ['a missing date', { missing: 'date' }, '{"code":400,"message":"date param a does not exist","data":null}'],
  ['a failed query', { failed: 'down' }, '{"code":400,"message":"Query error: down","data":null}'],
  [
    'characters that Go escapes',
    { row: { adcode: 'a<b>c&d"e\\f\n\r\t\u0001\u001f\u2028\u2029\u007f😀é\ud800/\'' } },
    String.raw`{"code":200,"message":"","data":{"adcode":"a\u003cb\u003ec\u0026d\"e\\f\n\r\t\u0001\u001f\u2028\u2029${'\u007f'}😀é\ufffd/'"}}`,
  ],
  [
    'characters that old releases of Go escape',
    { row: { city: '\b\f' } },
    String.raw`{"code":200,"message":"","data":{"city":"\u0008\u000c"}}`,
  ],
  ['an empty value', { row: { week: '' } }, '{"code":200,"message":"","data":{"week":""}}'],
];

for (const [name, outcome, body] of bodies) {
  test(`answers ${name} as the replaced service did`, () => assert.equal(legacyAnswer(outcome), body));
}
