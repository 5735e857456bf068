import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changedDays,
  countCurrentDays,
  dayForecastHash,
  type StoredDay,
} from '../../../domain/weather/changed-days.ts';
import type { DayForecast, PlaceForecast } from '../../../domain/weather/forecast.ts';

const TODAY = '2026-11-22';
/** A little after the report time. */
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

/** The stored row of today, and the revision with which it is written; undefined: it is not written. */
const cases: readonly (readonly [
  condition: string,
  StoredDay | undefined,
  Partial<PlaceForecast>,
  bigint | undefined,
])[] = [
  ['no row is stored', undefined, {}, 0n],
  ['an equal forecast with an earlier report time is stored', stored(), {}, undefined],
  ['another forecast is stored', stored({ hash: 'another' }), {}, 5n],
  [
    'a newer forecast of the same provider is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 11:20:00' }),
    {},
    undefined,
  ],
  [
    'a forecast of the same provider with the current time as report time is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 11:30:00' }),
    {},
    undefined,
  ],
  [
    'a forecast of the same provider with a report time one second in the future is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 11:30:01' }),
    {},
    5n,
  ],
  [
    'a forecast of the same provider with a report time of tonight is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 23:00:00' }),
    {},
    5n,
  ],
  [
    'a forecast of the same provider with a report time of tomorrow is stored',
    stored({ hash: 'another', reporttime: '2026-11-23 08:00:00' }),
    {},
    5n,
  ],
  [
    'another forecast with the same report time is stored',
    stored({ hash: 'another', reporttime: '2026-11-22 11:00:00' }),
    {},
    5n,
  ],
  [
    'a newer forecast of another provider is stored',
    stored({ hash: 'another', provider: 'stand-in', reporttime: '2026-11-22 11:20:00' }),
    {},
    5n,
  ],
  [
    'an equal forecast of another provider is stored',
    stored({ provider: 'stand-in', hash: dayForecastHash(cast(TODAY), 'stand-in') }),
    {},
    5n,
  ],
  ['the stored row has no hash', stored({ hash: '', revision: -1n, reporttime: '', provider: '' }), {}, 0n],
  [
    'the new forecast has no report time, and another one is stored',
    stored({ hash: 'another' }),
    { reporttime: '' },
    5n,
  ],
];
for (const [condition, before, more, revision] of cases)
  test(`${revision === undefined ? 'does not write today' : `writes today as revision ${revision}`} if ${condition}`, () => {
    const days = changedDays(forecast(more), (date) => (date === TODAY ? before : undefined), AT);
    const today = days.find((day) => day.dayForecast.date === TODAY);
    assert.equal(today?.revision, revision);
    if (today !== undefined) assert.deepEqual(today.storedDay, before);
    assert.ok(!days.some((day) => day.dayForecast.date < TODAY), 'past days are ignored');
    assert.ok(days.some((day) => day.dayForecast.date > TODAY && day.revision === 0n));
  });

test('writes a day if any of its values changes, but not if only the report time changes', () => {
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

test('does not count days before today', () => {
  assert.equal(countCurrentDays(forecast(), TODAY), 2);
  assert.equal(countCurrentDays(forecast(), '2026-11-24'), 0);
});
