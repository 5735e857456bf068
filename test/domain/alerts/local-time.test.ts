import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addDays,
  correctionWindows,
  dueInstant,
  isTimeZone,
  isWallTime,
  lateWindowEnd,
  localDay,
  startOfDay,
  wallTimeInstant,
} from '../../../domain/alerts/local-time.ts';

const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');
const HOUR_MS = 3_600_000;

const wallTimes: readonly (readonly [
  why: string,
  date: string,
  time: string,
  zone: string,
  instant: string,
])[] = [
  ['no change', '2026-10-12', '20:00', 'Asia/Shanghai', '2026-10-12T12:00:00Z'],
  ['half an hour in the offset', '2026-10-12', '00:10', 'Asia/Kolkata', '2026-10-11T18:40:00Z'],
  ['skipped', '2027-03-14', '02:30', 'America/New_York', '2027-03-14T07:00:00Z'],
  ['the first skipped minute', '2027-03-14', '02:00', 'America/New_York', '2027-03-14T07:00:00Z'],
  ['just before the skip', '2027-03-14', '01:59', 'America/New_York', '2027-03-14T06:59:00Z'],
  ['just after the skip', '2027-03-14', '03:00', 'America/New_York', '2027-03-14T07:00:00Z'],
  ['the evening after the skip', '2027-03-14', '20:00', 'America/New_York', '2027-03-15T00:00:00Z'],
  ['the evening before the skip', '2027-03-13', '20:00', 'America/New_York', '2027-03-14T01:00:00Z'],
  ['shown twice', '2027-11-07', '01:30', 'America/New_York', '2027-11-07T05:30:00Z'],
  ['just after the repetition', '2027-11-07', '02:00', 'America/New_York', '2027-11-07T07:00:00Z'],
  ['just before the repetition', '2027-11-07', '00:59', 'America/New_York', '2027-11-07T04:59:00Z'],
  // On Lord Howe Island, clocks change by half an hour.
  ['a skip of half an hour', '2026-10-04', '02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['half an hour shown twice', '2027-04-04', '01:45', 'Australia/Lord_Howe', '2027-04-03T14:45:00Z'],
  // In Lebanon, clocks change from 0 to 1.
  ['a skipped midnight', '2026-03-29', '00:00', 'Asia/Beirut', '2026-03-28T22:00:00Z'],
];

for (const [why, date, time, zone, instant] of wallTimes) {
  test(`${date} ${time} in ${zone} is ${instant}: ${why}`, () =>
    assert.equal(iso(wallTimeInstant(date, time, zone)), instant));
}

for (const [date, time, zone] of [
  ['2026-10-12', '20:00', 'Mars/Olympus'],
  ['2026-10-12', '25:00', 'Asia/Shanghai'],
  ['yesterday', '20:00', 'Asia/Shanghai'],
] as const) {
  test(`throws a RangeError for ${date} ${time} in ${zone}`, () =>
    assert.throws(() => wallTimeInstant(date, time, zone), RangeError));
}

for (const [text, isOne] of [
  ['00:00', true],
  ['23:59', true],
  ['20:00', true],
  ...['24:00', '8:00', '20:60', '20:00:00', '', '20.00', ' 20:00'].map((each) => [each, false] as const),
] as const) {
  test(`"${text}" is ${isOne ? 'a' : 'no'} wall time`, () => assert.equal(isWallTime(text), isOne));
}

for (const [text, exists] of [
  ['Asia/Shanghai', true],
  ['America/New_York', true],
  ['Asia/Urumqi', true],
  ...['Mars/Olympus', '', '北京'].map((each) => [each, false] as const),
] as const) {
  test(`the zone "${text}" ${exists ? 'exists' : 'does not exist'}`, () =>
    assert.equal(isTimeZone(text), exists));
}

test('adds and subtracts days over the ends of months, years and February', () => {
  assert.equal(addDays('2026-12-31', 1), '2027-01-01');
  assert.equal(addDays('2027-01-01', -2), '2026-12-30');
  assert.equal(addDays('2028-02-28', 1), '2028-02-29');
  assert.equal(addDays('2026-10-13', 0), '2026-10-13');
});

test('the day at an instant is the one of the zone', () => {
  const instant = Date.parse('2026-10-12T17:00:00Z');
  assert.equal(localDay(instant, 'Asia/Shanghai'), '2026-10-13');
  assert.equal(localDay(instant, 'Asia/Urumqi'), '2026-10-12');
});

test('a day starts at midnight in its zone', () =>
  assert.equal(iso(startOfDay('2026-10-13', 'Asia/Shanghai')), '2026-10-12T16:00:00Z'));

const dueTimes: readonly (readonly [why: string, date: string, at: string, tz: string, due: string])[] = [
  ['the evening before', '2026-10-13', '20:00', 'Asia/Shanghai', '2026-10-12T12:00:00Z'],
  ['the first minute of the day before', '2026-10-13', '00:00', 'Asia/Shanghai', '2026-10-11T16:00:00Z'],
  ['22:00 in Beijing', '2026-10-13', '20:00', 'Asia/Urumqi', '2026-10-12T14:00:00Z'],
  // 23:30 on the 12th in Urumqi is already the 13th in Beijing.
  ['01:30 on the day before in Beijing', '2026-10-13', '23:30', 'Asia/Urumqi', '2026-10-11T17:30:00Z'],
  [
    'the morning of the day before in Beijing',
    '2026-10-13',
    '20:00',
    'America/New_York',
    '2026-10-12T00:00:00Z',
  ],
  ['a skipped time: the next instant', '2027-03-15', '02:30', 'America/New_York', '2027-03-14T07:00:00Z'],
  ['a repeated time: the first instant', '2027-11-08', '01:30', 'America/New_York', '2027-11-07T05:30:00Z'],
  ['shown twice in one day in Beijing', '2027-03-15', '11:30', 'America/New_York', '2027-03-13T16:30:00Z'],
  ['never shown on one day in Beijing', '2027-11-08', '11:30', 'America/New_York', '2027-11-06T16:00:00Z'],
  ['far to the east', '2026-10-13', '01:00', 'Pacific/Kiritimati', '2026-10-12T11:00:00Z'],
];

for (const [why, date, at, tz, due] of dueTimes) {
  test(`the forecast of Beijing for ${date} is due at ${at} in ${tz}, ${due}: ${why}`, () =>
    assert.equal(iso(dueInstant(date, { at, tz }, 'Asia/Shanghai')), due));
}

for (const at of ['01:30', '02:30', '11:30', '20:00']) {
  test(`with ${at} in New York, each day of 2027 is due once, on the day before in Beijing`, () => {
    let date = '2027-01-01';
    let before = 0;
    for (; date < '2028-01-01'; date = addDays(date, 1)) {
      const due = dueInstant(date, { at, tz: 'America/New_York' }, 'Asia/Shanghai');
      assert.ok(due > before, date);
      // The offset of Beijing is always +08:00.
      const dayInBeijing = new Date(due + 8 * HOUR_MS).toISOString().slice(0, 10);
      assert.equal(Date.parse(date) - Date.parse(dayInBeijing), 24 * HOUR_MS, date);
      before = due;
    }
  });
}

const lateEnds: readonly (readonly [at: string, tz: string, hours: number, end: string])[] = [
  ['20:00', 'Asia/Shanghai', 3, '2026-10-12T15:00:00Z'],
  ['22:00', 'Asia/Shanghai', 3, '2026-10-12T16:00:00Z'],
  ['20:00', 'Asia/Urumqi', 3, '2026-10-12T16:00:00Z'],
  ['20:00', 'Asia/Shanghai', 48, '2026-10-12T16:00:00Z'],
  ['20:00', 'America/New_York', 3, '2026-10-12T03:00:00Z'],
];

for (const [at, tz, hours, end] of lateEnds) {
  test(`${at} in ${tz} plus ${hours} h ends at ${end}, at the latest at midnight in Beijing`, () => {
    const due = dueInstant('2026-10-13', { at, tz }, 'Asia/Shanghai');
    assert.equal(iso(lateWindowEnd('2026-10-13', due, hours * HOUR_MS, 'Asia/Shanghai')), end);
  });
}

const windows: readonly (readonly [at: string, tz: string, ...periods: string[]])[] = [
  [
    ...(['20:00', 'Asia/Shanghai'] as const),
    '2026-10-12T12:00:00Z/2026-10-12T14:00:00Z',
    '2026-10-12T22:30:00Z/2026-10-13T01:00:00Z',
  ],
  ['22:00', 'Asia/Shanghai', '2026-10-12T22:30:00Z/2026-10-13T01:00:00Z'],
  ['23:10', 'Asia/Shanghai', '2026-10-12T22:30:00Z/2026-10-13T01:00:00Z'],
  [
    ...(['20:00', 'Asia/Urumqi'] as const),
    '2026-10-12T14:00:00Z/2026-10-12T16:00:00Z',
    '2026-10-13T00:30:00Z/2026-10-13T03:00:00Z',
  ],
  // 22:00 in Kolkata is 00:30 in Beijing.
  [
    ...(['20:00', 'Asia/Kolkata'] as const),
    '2026-10-12T14:30:00Z/2026-10-12T16:00:00Z',
    '2026-10-13T01:00:00Z/2026-10-13T03:30:00Z',
  ],
  // 06:30 on the 13th in Pago Pago is already the 14th in Beijing.
  ['20:00', 'Pacific/Pago_Pago', '2026-10-12T07:00:00Z/2026-10-12T09:00:00Z'],
];

for (const [at, tz, ...periods] of windows) {
  test(`after ${at} in ${tz}, corrections are possible in ${periods.join(' and ')}`, () => {
    const due = dueInstant('2026-10-13', { at, tz }, 'Asia/Shanghai');
    const found = correctionWindows('2026-10-13', due, { tz }, 'Asia/Shanghai');
    assert.deepEqual(
      found.map(({ from, to }) => `${iso(from)}/${iso(to)}`),
      periods,
    );
  });
}
