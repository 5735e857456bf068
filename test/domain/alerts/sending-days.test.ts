import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import {
  holidayKind,
  isSendingDay,
  quietPeriodAt,
  type Weekday,
} from '../../../domain/alerts/sending-days.ts';

/** The State Council's calendar for 2026, and days of other years. */
const kinds: readonly (readonly [kind: string, ...dates: string[]])[] = [
  [
    'holiday',
    '2026-01-01',
    '2026-01-03',
    '2026-02-15',
    '2026-02-23',
    '2026-05-05',
    '2026-10-01',
    '2026-10-07',
  ],
  ['make_up_workday', '2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10'],
  ['ordinary', '2026-01-05', '2026-02-24', '2026-09-30', '2026-10-08', '2026-10-11', '2026-12-28'],
  ['make_up_workday', '2018-12-29'],
  ['holiday', '2018-12-31', '2022-12-31'],
  ['ordinary', '2023-12-29'],
  ['unknown', '2003-10-01', '2099-01-01', '2099-10-01', '2099-06-15'],
];

for (const [kind, ...dates] of kinds)
  for (const date of dates) test(`${date} is ${kind}`, () => assert.equal(holidayKind(date), kind));

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

for (const TZ of ['America/New_York', 'Pacific/Kiritimati', 'Asia/Shanghai', 'UTC']) {
  test(`holidays do not move if the process runs in ${TZ}`, () => {
    process.env.TZ = TZ;
    assert.deepEqual(
      ['2026-09-30', '2026-10-01', '2026-10-07', '2026-10-08', '2026-10-10'].map(holidayKind),
      ['ordinary', 'holiday', 'holiday', 'ordinary', 'make_up_workday'],
    );
    assert.equal(isSendingDay('2026-10-12', { days: [1], holidays: 'keep' }), true);
  });
}

test('the last days of December are unknown without the calendar of the next year', () => {
  const lastYear = Array.from({ length: 90 }, (_, index) => 2010 + index)
    .filter((year) => holidayKind(`${year}-01-01`) === 'holiday')
    .at(-1);
  assert.equal(holidayKind(`${lastYear}-12-28`), 'ordinary');
  assert.equal(holidayKind(`${lastYear}-12-29`), 'unknown');
  assert.equal(holidayKind(`${lastYear}-12-31`), 'unknown');
});

const WORKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5];

const sending: readonly (readonly [
  why: string,
  date: string,
  days: readonly Weekday[] | undefined,
  holidays: 'keep' | 'skip',
  sends: boolean,
])[] = [
  ['every day', '2026-10-11', undefined, 'keep', true],
  ['a Monday', '2026-10-12', WORKDAYS, 'keep', true],
  ['a Sunday', '2026-10-11', WORKDAYS, 'keep', false],
  ['a Sunday on a list of days', '2026-10-11', [7], 'keep', true],
  ['a holiday that is kept', '2026-10-01', WORKDAYS, 'keep', true],
  ['a holiday that is skipped', '2026-10-01', WORKDAYS, 'skip', false],
  ['a skipped holiday of a subscription for every day', '2026-10-01', undefined, 'skip', false],
  ['an ordinary Sunday of a subscription for every day', '2026-10-11', undefined, 'skip', true],
  ['a make-up Saturday', '2026-10-10', WORKDAYS, 'skip', true],
  ['a make-up Saturday, with holidays kept', '2026-10-10', WORKDAYS, 'keep', false],
  ['a make-up Saturday of a subscription for Mondays', '2026-10-10', [1], 'skip', false],
  ['a make-up Saturday of a subscription for Saturdays', '2026-10-10', [6], 'skip', true],
  // 2099-10-01 is a Thursday, 2099-10-03 a Saturday.
  ['a Thursday in a year without a calendar', '2099-10-01', WORKDAYS, 'skip', true],
  ['a Saturday in a year without a calendar', '2099-10-03', WORKDAYS, 'skip', false],
];

for (const [why, date, days, holidays, sends] of sending) {
  test(`${sends ? 'sends' : 'does not send'} for ${date}: ${why}`, () =>
    assert.equal(isSendingDay(date, { days, holidays }), sends));
}

const at = (time: string): number => Date.parse(`2026-10-${time.replace(' ', 'T')}:00+08:00`);

const quiets: readonly (readonly [from: string, to: string, now: string, period: string | undefined])[] = [
  ['22:00', '07:00', '12 21:59', undefined],
  ['22:00', '07:00', '12 22:00', '12 22:00/13 07:00'],
  ['22:00', '07:00', '12 23:59', '12 22:00/13 07:00'],
  ['22:00', '07:00', '13 00:00', '12 22:00/13 07:00'],
  ['22:00', '07:00', '13 06:59', '12 22:00/13 07:00'],
  ['22:00', '07:00', '13 07:00', undefined],
  ['12:00', '14:00', '12 13:00', '12 12:00/12 14:00'],
  ['12:00', '14:00', '12 11:59', undefined],
  ['12:00', '14:00', '12 14:00', undefined],
  ['12:00', '12:00', '12 12:00', undefined],
];

for (const [from, to, now, period] of quiets) {
  test(`quiet hours from ${from} to ${to} at ${now}: ${period ?? 'not quiet'}`, () => {
    const [begin, end] = period?.split('/') ?? [];
    assert.deepEqual(
      quietPeriodAt(at(now), { from, to }, 'Asia/Shanghai'),
      begin === undefined || end === undefined ? undefined : { from: at(begin), to: at(end) },
    );
  });
}

test('without quiet hours it is never quiet', () =>
  assert.equal(quietPeriodAt(at('12 03:00'), undefined, 'Asia/Shanghai'), undefined));

test('quiet hours are those of the zone', () => {
  // 23:00 in Beijing is 21:00 in Urumqi.
  assert.equal(quietPeriodAt(at('12 23:00'), { from: '22:00', to: '07:00' }, 'Asia/Urumqi'), undefined);
  const period = quietPeriodAt(at('13 00:30'), { from: '22:00', to: '07:00' }, 'Asia/Urumqi');
  assert.deepEqual(period, { from: at('13 00:00'), to: at('13 09:00') });
});
