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

/** What AMap answered for 杭州市 on 2019-12-23, as far as it is handed down: the first day and words of the third. */
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

test('an answer as AMap gave one is read as it is', () => {
  assert.deepEqual(read(hangzhou), {
    kind: 'forecast',
    forecast: {
      ...{ adcode: '330100', province: '浙江', city: '杭州市', reporttime: '2019-12-23 14:25:41' },
      days: hangzhouCasts,
    },
  });
});

test('a district is known by its own code, under the short name of its province', () => {
  const body = withForecast({ city: '沙依巴克区', adcode: '650103', province: '新疆' });
  const answer = readAmapAnswer(body, '650103');
  assert.ok(answer.kind === 'forecast');
  assert.deepEqual([answer.forecast.city, answer.forecast.province], ['沙依巴克区', '新疆']);
});

const [first, second] = hangzhouCasts;

const tolerated: readonly (readonly [what: string, body: unknown, dates: readonly string[]])[] = [
  [
    'numbers for texts',
    { ...withForecast({ adcode: 330100 }), status: 1, count: 1 },
    ['2019-12-23', '2019-12-24', '2019-12-25'],
  ],
  [
    'a bad cast among good ones',
    withCasts(first, { date: [], week: [] }, second),
    ['2019-12-23', '2019-12-24'],
  ],
  ['casts that are no objects', withCasts(null, [], 'x', 7, second), ['2019-12-24']],
  ['a cast without a date', withCasts({ ...first, date: undefined }, second), ['2019-12-24']],
  ['a date that no calendar has', withCasts({ ...first, date: '2019-02-29' }, second), ['2019-12-24']],
  ['a date in other words', withCasts({ ...first, date: '20191223' }, second), ['2019-12-24']],
  [
    'a cast that says nothing of its day',
    withCasts({ date: '2019-12-22', week: '7' }, second),
    ['2019-12-24'],
  ],
  ['casts in another order', withCasts(second, first), ['2019-12-23', '2019-12-24']],
  [
    'two forecasts, ours the second',
    { ...hangzhou, forecasts: [{ adcode: '110000', casts: [second] }, ...hangzhou.forecasts] },
    ['2019-12-23', '2019-12-24', '2019-12-25'],
  ],
  [
    'fields that nobody knows',
    { ...withCasts({ ...first, daytemp_float: '11.0' }), more: {} },
    ['2019-12-23'],
  ],
];

for (const [what, body, dates] of tolerated)
  test(`${what}: the days that can be read are there`, () =>
    assert.deepEqual(
      castsOf(read(body)).map(({ date }) => date),
      dates,
    ));

test('what is empty, missing or no text is "", and numbers are texts', () => {
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

test('of two casts of one date the first counts', () => {
  const [cast] = castsOf(read(withCasts(first, { ...first, dayweather: '晴' })));
  assert.equal(cast?.dayweather, '小雨');
});

test('a name, a province and a time that cannot be read are ""', () => {
  const answer = read(withForecast({ city: [], province: [], reporttime: 'today' }));
  assert.ok(answer.kind === 'forecast');
  const { city, province, reporttime } = answer.forecast;
  assert.deepEqual([city, province, reporttime], ['', '', '']);
});

const kinds: readonly (readonly [what: string, body: unknown, answer: object])[] = [
  ['count 0', { ...hangzhou, count: '0', forecasts: [] }, { kind: 'empty' }],
  ['count 0 as a number', { ...hangzhou, count: 0 }, { kind: 'empty' }],
  ['no forecasts', { status: '1', infocode: '10000' }, { kind: 'empty' }],
  ['forecasts of one empty thing', { ...hangzhou, forecasts: [[]] }, { kind: 'empty' }],
  ['a forecast all of which is empty', withForecast({ adcode: [], city: [], casts: [] }), { kind: 'empty' }],
  ['another place', withForecast({ adcode: '110000' }), { kind: 'other place', adcode: '110000' }],
  [
    'a refusal',
    { status: '0', info: 'INVALID_USER_KEY', infocode: '10001' },
    { kind: 'refused', infocode: '10001', info: 'INVALID_USER_KEY' },
  ],
  [
    'a refusal with a number for a code and an empty info',
    { status: 0, info: [], infocode: 10021 },
    { kind: 'refused', infocode: '10021', info: '' },
  ],
];

for (const [what, body, answer] of kinds)
  test(`${what}: ${JSON.stringify(answer)}`, () => assert.deepEqual(read(body), answer));

const unreadable: readonly (readonly [what: string, body: unknown, why: string])[] = [
  ['null', null, 'is no JSON object'],
  ['an array', [], 'is no JSON object'],
  ['a number', 42, 'is no JSON object'],
  ['an empty object', {}, 'has neither status "1" nor an infocode'],
  [
    'a refusal that says nothing',
    { status: '0', info: [], infocode: [] },
    'has neither status "1" nor an infocode',
  ],
  ['forecasts that are a text', { status: '1', forecasts: 'none' }, 'has forecasts that are no array'],
  ['a forecast that is a text', { status: '1', forecasts: ['none'] }, 'has a forecast that is no object'],
  ['a forecast of nowhere', withForecast({ adcode: [] }), 'has a forecast that does not say of which place'],
  ['casts without a date', withCasts({}, {}), 'has a forecast without any day that can be read'],
  [
    'casts that are an object',
    withForecast({ casts: {} }),
    'has a forecast without any day that can be read',
  ],
];

for (const [what, body, why] of unreadable)
  test(`${what} cannot be read: it ${why}`, () => assert.deepEqual(read(body), { kind: 'unreadable', why }));
