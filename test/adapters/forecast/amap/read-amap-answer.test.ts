import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AmapAnswer, readAmapAnswer } from '../../../../adapters/forecast/amap/read-amap-answer.ts';

const hangzhouCasts = [
  {
    ...{ date: '2019-12-23', week: '1', dayweather: '小雨', nightweather: '小雨-中雨' },
    ...{ daytemp: '11', nighttemp: '8', daywind: '东', nightwind: '东', daypower: '4', nightpower: '4' },
  },
  {
    ...{ date: '2019-12-24', week: '2', dayweather: '小雨', nightweather: '多云' },
    ...{ daytemp: '11', nighttemp: '7', daywind: '北', nightwind: '北', daypower: '4', nightpower: '4' },
  },
  {
    ...{ date: '2019-12-25', week: '3', dayweather: '阴', nightweather: '小雨' },
    ...{ daytemp: '13', nighttemp: '9', daywind: '无风向', nightwind: '无风向' },
    ...{ daypower: '≤3', nightpower: '≤3' },
  },
];

/**
 * An answer of AMap for 杭州市 on 2019-12-23. The first day and some texts of the third day are from a published answer.
 * The other values are invented.
 */
const hangzhou = {
  ...{ status: '1', count: '1', info: 'OK', infocode: '10000' },
  forecasts: [
    {
      ...{ city: '杭州市', adcode: '330100', province: '浙江', reporttime: '2019-12-23 14:25:41' },
      casts: hangzhouCasts,
    },
  ],
};

const withForecast = (changed: object) => ({
  ...hangzhou,
  forecasts: [{ ...hangzhou.forecasts[0], ...changed }],
});
const withCasts = (...casts: unknown[]) => withForecast({ casts });

const read = (body: unknown) => readAmapAnswer(body, '330100');

const castsOf = (answer: AmapAnswer) => {
  assert.equal(answer.kind, 'forecast', JSON.stringify(answer));
  return answer.kind === 'forecast' ? answer.forecast.days : [];
};

test('a real answer of AMap is read unchanged', () => {
  assert.deepEqual(read(hangzhou), {
    kind: 'forecast',
    forecast: {
      ...{ adcode: '330100', province: '浙江', city: '杭州市', reporttime: '2019-12-23 14:25:41' },
      days: hangzhouCasts,
    },
  });
});

test('a district has its own adcode, and the short name of its province', () => {
  const body = withForecast({ city: '沙依巴克区', adcode: '650103', province: '新疆' });
  const answer = readAmapAnswer(body, '650103');
  assert.ok(answer.kind === 'forecast');
  assert.deepEqual([answer.forecast.city, answer.forecast.province], ['沙依巴克区', '新疆']);
});

const [first, second] = hangzhouCasts;

const tolerated: readonly (readonly [name: string, body: unknown, dates: readonly string[]])[] = [
  [
    'numbers in place of texts',
    { ...withForecast({ adcode: 330100 }), status: 1, count: 1 },
    ['2019-12-23', '2019-12-24', '2019-12-25'],
  ],
  [
    'an invalid day among valid ones',
    withCasts(first, { date: [], week: [] }, second),
    ['2019-12-23', '2019-12-24'],
  ],
  ['days that are not objects', withCasts(null, [], 'x', 7, second), ['2019-12-24']],
  ['a day without a date', withCasts({ ...first, date: undefined }, second), ['2019-12-24']],
  ['a date that does not exist', withCasts({ ...first, date: '2019-02-29' }, second), ['2019-12-24']],
  ['a date in another format', withCasts({ ...first, date: '20191223' }, second), ['2019-12-24']],
  ['a day without any values', withCasts({ date: '2019-12-22', week: '7' }, second), ['2019-12-24']],
  ['days in another order', withCasts(second, first), ['2019-12-23', '2019-12-24']],
  [
    'two forecasts, the second for this place',
    { ...hangzhou, forecasts: [{ adcode: '110000', casts: [second] }, ...hangzhou.forecasts] },
    ['2019-12-23', '2019-12-24', '2019-12-25'],
  ],
  ['unknown fields', { ...withCasts({ ...first, daytemp_float: '11.0' }), more: {} }, ['2019-12-23']],
];

for (const [name, body, dates] of tolerated)
  test(`${name}: the valid days are returned`, () =>
    assert.deepEqual(
      castsOf(read(body)).map(({ date }) => date),
      dates,
    ));

test('empty, missing and non-text values are "", and numbers become texts', () => {
  const cast = {
    date: '2019-12-23',
    week: [],
    dayweather: ' 小雨 ',
    nightweather: {},
    daytemp: 11,
    nighttemp: null,
  };
  assert.deepEqual(castsOf(read(withCasts(cast))), [
    {
      ...{ date: '2019-12-23', week: '', dayweather: '小雨', nightweather: '', daytemp: '11', nighttemp: '' },
      ...{ daywind: '', nightwind: '', daypower: '', nightpower: '' },
    },
  ]);
});

test('if two days have the same date, the first day is used', () => {
  const [cast] = castsOf(read(withCasts(first, { ...first, dayweather: '晴' })));
  assert.equal(cast?.dayweather, '小雨');
});

test('an invalid name, province or time is ""', () => {
  const answer = read(withForecast({ city: [], province: [], reporttime: 'today' }));
  assert.ok(answer.kind === 'forecast');
  const { city, province, reporttime } = answer.forecast;
  assert.deepEqual([city, province, reporttime], ['', '', '']);
});

const kinds: readonly (readonly [name: string, body: unknown, answer: object])[] = [
  ['count 0', { ...hangzhou, count: '0', forecasts: [] }, { kind: 'empty' }],
  ['count 0 as a number', { ...hangzhou, count: 0 }, { kind: 'empty' }],
  ['no forecasts', { status: '1', infocode: '10000' }, { kind: 'empty' }],
  ['a forecast that is an empty list', { ...hangzhou, forecasts: [[]] }, { kind: 'empty' }],
  ['a forecast with only empty values', withForecast({ adcode: [], city: [], casts: [] }), { kind: 'empty' }],
  ['another place', withForecast({ adcode: '110000' }), { kind: 'other place', adcode: '110000' }],
  [
    'a refusal',
    { status: '0', info: 'INVALID_USER_KEY', infocode: '10001' },
    { kind: 'refused', infocode: '10001', info: 'INVALID_USER_KEY' },
  ],
  [
    'an error with a numeric code and an empty info',
    { status: 0, info: [], infocode: 10021 },
    { kind: 'refused', infocode: '10021', info: '' },
  ],
];

for (const [name, body, answer] of kinds)
  test(`${name}: ${JSON.stringify(answer)}`, () => assert.deepEqual(read(body), answer));

const unreadable: readonly (readonly [name: string, body: unknown, why: string])[] = [
  ['null', null, 'is not a JSON object'],
  ['an array', [], 'is not a JSON object'],
  ['a number', 42, 'is not a JSON object'],
  ['an empty object', {}, 'has neither status "1" nor an infocode'],
  [
    'an error without any details',
    { status: '0', info: [], infocode: [] },
    'has neither status "1" nor an infocode',
  ],
  ['forecasts that are a text', { status: '1', forecasts: 'none' }, 'has forecasts that are not an array'],
  ['a forecast that is a text', { status: '1', forecasts: ['none'] }, 'has a forecast that is not an object'],
  ['a forecast without a place', withForecast({ adcode: [] }), 'has a forecast without an adcode'],
  ['days without a date', withCasts({}, {}), 'has a forecast without a readable day'],
  ['days that are an object', withForecast({ casts: {} }), 'has a forecast without a readable day'],
];

for (const [name, body, why] of unreadable)
  test(`${name} cannot be read: it ${why}`, () => assert.deepEqual(read(body), { kind: 'unreadable', why }));
