import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changedDays,
  countKeptDays,
  dayForecastHash,
  type StoredDay,
} from '../../../domain/weather/changed-days.ts';
import type { DayForecast, PlaceForecast } from '../../../domain/weather/forecast.ts';

const TODAY = '2026-11-22';
/** A little after the forecast was issued. */
const AT = { today: TODAY, now: '2026-11-22 11:30:00' };
const cast = (date: string, more: Partial<DayForecast> = {}): DayForecast => ({
  ...{ date, week: '7', dayweather: '晴', nightweather: '多云', daytemp: '20', nighttemp: '11' },
  ...{ daywind: '北', nightwind: '北', daypower: '1-3', nightpower: '1-3' },
  ...more,
});
const forecast = (more: Partial<PlaceForecast> = {}): PlaceForecast => ({
  ...{ adcode: '330106', provider: 'amap', province: '浙江', city: '西湖区' },
  reporttime: '2026-11-22 11:00:00',
  days: ['2026-11-21', TODAY, '2026-11-23'].map((date) => cast(date)),
  ...more,
});
const stored = (more: Partial<StoredDay> = {}): StoredDay => ({
  ...{
    hash: dayForecastHash(cast(TODAY), 'amap'),
    revision: 4n,
    reporttime: '2026-11-22 08:00:00',
    provider: 'amap',
  },
  ...more,
});

/** What is stored of today, and what becomes of today’s row: its revision, or undefined when it is not written. */
const cases: readonly (readonly [
  what: string,
  StoredDay | undefined,
  Partial<PlaceForecast>,
  bigint | undefined,
])[] = [
  ['nothing is stored', undefined, {}, 0n],
  ['the same is stored, issued earlier', stored(), {}, undefined],
  ['another forecast is stored', stored({ hash: 'another' }), {}, 5n],
  [
    'the same provider’s newer word is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 11:20:00' }),
    {},
    undefined,
  ],
  [
    'the same provider’s word of this very second is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 11:30:00' }),
    {},
    undefined,
  ],
  [
    'what the same provider would issue a second from now is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 11:30:01' }),
    {},
    5n,
  ],
  [
    'what the same provider would issue tonight is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 23:00:00' }),
    {},
    5n,
  ],
  [
    'what the same provider would issue tomorrow is stored',
    stored({ hash: 'another', reporttime: '2026-11-23 08:00:00' }),
    {},
    5n,
  ],
  [
    'another is stored with the same issue time',
    stored({ hash: 'another', reporttime: '2026-11-22 11:00:00' }),
    {},
    5n,
  ],
  [
    'another provider’s newer word is stored',
    stored({ hash: 'another', provider: 'stand-in', reporttime: '2026-11-22 12:00:00' }),
    {},
    5n,
  ],
  [
    'the same weather is stored from another provider',
    stored({ provider: 'stand-in', hash: dayForecastHash(cast(TODAY), 'stand-in') }),
    {},
    5n,
  ],
  [
    'the row is from before hashes were',
    stored({ hash: '', revision: -1n, reporttime: '', provider: '' }),
    {},
    0n,
  ],
  [
    'the provider does not tell when it issued, and another is stored',
    stored({ hash: 'another' }),
    { reporttime: '' },
    5n,
  ],
];
for (const [what, before, more, revision] of cases)
  test(`where ${what}, today is ${revision === undefined ? 'left as it is' : `written as revision ${revision}`}`, () => {
    const days = changedDays(forecast(more), (date) => (date === TODAY ? before : undefined), AT);
    const today = days.find((day) => day.dayForecast.date === TODAY);
    assert.equal(today?.revision, revision);
    if (today !== undefined) assert.deepEqual(today.storedDay, before);
    assert.ok(!days.some((day) => day.dayForecast.date < TODAY), 'the day before is left alone');
    assert.ok(days.some((day) => day.dayForecast.date > TODAY && day.revision === 0n));
  });

test('each value of a day makes it another one, and the issue time does not', () => {
  const plain = dayForecastHash(cast(TODAY), 'amap');
  const changes: Partial<DayForecast>[] = [
    ...[
      'week',
      'dayweather',
      'nightweather',
      'daytemp',
      'nighttemp',
      'daywind',
      'nightwind',
      'daypower',
      'nightpower',
    ].map((name) => ({ [name]: 'other' })),
    { date: '2026-11-23' },
    { precipitationProbability: 0 },
    { precipitationMm: 0 },
  ];
  const hashes = changes.map((change) => dayForecastHash(cast(TODAY, change), 'amap'));
  assert.equal(new Set([plain, ...hashes]).size, changes.length + 1);
  assert.match(plain, /^[0-9a-f]{16}$/);
  const later = forecast({ reporttime: '2026-11-22 18:00:00', days: [cast(TODAY)] });
  assert.deepEqual(
    changedDays(later, () => stored(), AT),
    [],
  );
});

test('days before today are not counted among those that are kept', () => {
  assert.equal(countKeptDays(forecast(), TODAY), 2);
  assert.equal(countKeptDays(forecast(), '2026-11-24'), 0);
});
