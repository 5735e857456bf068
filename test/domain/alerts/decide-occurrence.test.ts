import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../../domain/alerts/condition.ts';
import {
  type Delivery,
  decideOccurrence,
  type Occurrence,
  type OccurrenceStep,
} from '../../../domain/alerts/decide-occurrence.ts';
import { dayForecast } from './day-forecast.ts';
import { at, forecastOf, occurrence, SETTINGS } from './run-occurrence.ts';

const RAIN = { matched: ['any[0]'], severity: 1 } as const;
const DRY = { matched: [], severity: 0 } as const;

const row = (status: Delivery['status'], changes: Partial<Delivery> = {}): Delivery => ({
  ...{ correction: false, status, dueAt: at('12 20:00'), decision: RAIN },
  ...changes,
});
const correctionRow = (status: Delivery['status']): Delivery =>
  row(status, { correction: true, dueAt: at('12 21:10'), decision: DRY });
const changedAt = at('12 20:30');
const sentRain = row('sent', { forecast: dayForecast('2026-10-13', { dayweather: '小雨' }) });
const SNOW: Condition = { v: 1, any: [{ cat: 'snow' }] };
const noMatch = row('skipped', { reason: 'no_match', decision: DRY });

const dry = (now: string) => ({ forecast: forecastOf(at(now), '晴') });
const settings = (changes: Partial<Occurrence['settings']>) => ({ settings: { ...SETTINGS, ...changes } });

/** The step without its evaluation, with the wake-up time in Beijing. */
const steps: readonly (readonly [
  what: string,
  now: string,
  changes: Partial<Occurrence>,
  step: string,
  wakeAt?: string,
])[] = [
  [
    'long before the due time, waits for the refresh',
    '12 08:00',
    { refreshedAt: undefined },
    'wait',
    '12 19:45',
  ],
  ['15 minutes before, refreshes', '12 19:45', { refreshedAt: undefined }, 'refresh', '12 20:00'],
  [
    'started in the last 15 minutes, refreshes',
    '12 19:59',
    { refreshedAt: undefined },
    'refresh',
    '12 20:00',
  ],
  [
    'refreshed by a run of yesterday, refreshes',
    '12 19:50',
    { refreshedAt: at('11 19:45') },
    'refresh',
    '12 20:00',
  ],
  ['refreshed already, waits', '12 19:50', {}, 'wait', '12 20:00'],
  [
    'a forecast of the last 15 minutes needs no refresh',
    '12 19:50',
    { refreshedAt: undefined, ...dry('12 19:46') },
    ...(['wait', '12 20:00'] as const),
  ],
  [
    'paused, does not refresh, because nothing will be sent',
    '12 19:45',
    { refreshedAt: undefined, ...settings({ paused: true }) },
    ...(['wait', '12 20:00'] as const),
  ],
  [
    'not on a day of the subscription, does not refresh',
    '12 19:45',
    { refreshedAt: undefined, ...settings({ days: [1] }) },
    ...(['wait', '12 20:00'] as const),
  ],
  ['a moment before the due time, waits', '12 19:59:59', {}, 'wait', '12 20:00'],
  ['at the due time, delivers', '12 20:00', {}, 'deliver', '12 23:00'],
  ['in the last second of the late window, delivers', '12 22:59:59', {}, 'deliver', '12 23:00'],
  ['at the end of the late window, expires', '12 23:00', {}, 'expire'],
  [
    'at the due time without a match, skips until a correction',
    '12 20:00',
    dry('12 20:00'),
    'skip',
    '13 09:00',
  ],
  [
    'without a match and without corrections, skips for good',
    '12 20:00',
    { ...dry('12 20:00'), ...settings({ correction: false }) },
    'skip',
  ],
  ['without a forecast, refreshes', '12 20:00', { forecast: undefined }, 'refresh', '12 20:15'],
  [
    'without a forecast after a refresh, waits for the next one',
    '12 20:20',
    { forecast: undefined, refreshedAt: at('12 20:15') },
    ...(['wait', '12 20:30'] as const),
  ],
  [
    'the last wait ends with the late window',
    '12 22:55',
    { forecast: undefined, refreshedAt: at('12 22:50') },
    ...(['wait', '12 23:00'] as const),
  ],
  ['without a forecast to the end, has no data', '12 23:00', { forecast: undefined }, 'no_data'],
  [
    'without a forecast and without any attempt, expires',
    '12 23:00',
    { forecast: undefined, refreshedAt: undefined },
    'expire',
  ],
  ['a row that is due waits for its sender', '12 20:01', { deliveries: [row('due')] }, 'wait', '12 23:00'],
  ['a row that is due expires with the late window', '12 23:00', { deliveries: [row('due')] }, 'expire'],
  [
    'a row that is due is cancelled if the subscription is deleted',
    '12 20:01',
    { deliveries: [row('due')], ...settings({ deletedAt: at('12 12:00') }) },
    'skip',
  ],
  ['a claimed row is left to its sender', '12 23:30', { deliveries: [row('claimed')] }, 'wait', '13 09:00'],
  [
    'a claimed row is not waited for after the last correction window',
    '13 09:00',
    { deliveries: [row('claimed')] },
    'closed',
  ],
  [
    'a claimed row is sent even if the subscription is deleted',
    '12 20:01',
    { deliveries: [row('claimed')], ...settings({ deletedAt: at('12 12:00') }) },
    'closed',
  ],
  [
    'deleted a day before the due time, is cancelled',
    '12 19:00',
    settings({ deletedAt: at('11 20:00') + 1 }),
    'skip',
  ],
  [
    'deleted before the due time of the day before, has no row',
    '12 19:00',
    settings({ deletedAt: at('11 20:00') }),
    'closed',
  ],
  [
    'another condition after the message is no reason for a correction',
    '12 20:50',
    { deliveries: [sentRain], ...settings({ changedAt, condition: SNOW }) },
    ...(['wait', '13 09:00'] as const),
  ],
  [
    'another forecast is a reason for a correction, also after a change of other settings',
    '12 20:50',
    { deliveries: [sentRain], ...settings({ changedAt }), ...dry('12 20:40') },
    ...(['correct', '12 22:00'] as const),
  ],
  [
    'after another condition, a forecast that matches it is a reason for a correction',
    '12 20:50',
    {
      deliveries: [sentRain],
      ...settings({ changedAt, condition: SNOW }),
      forecast: forecastOf(at('12 20:40'), '小雪'),
    },
    ...(['correct', '12 22:00'] as const),
  ],
  ['after a message, waits for a change', '12 20:02', { deliveries: [row('sent')] }, 'wait', '13 09:00'],
  ['between the windows, waits for a change', '12 23:00', { deliveries: [row('sent')] }, 'wait', '13 09:00'],
  [
    'in the morning without a change, waits for its end',
    '13 06:30',
    { deliveries: [row('sent')] },
    'wait',
    '13 09:00',
  ],
  ['at the end of the morning, closes', '13 09:00', { deliveries: [row('sent')] }, 'closed'],
  [
    'a change in the evening is corrected',
    '12 21:59:59',
    { deliveries: [row('sent')], ...dry('12 21:59') },
    ...(['correct', '12 22:00'] as const),
  ],
  [
    'a change at 22:00 waits for the morning',
    '12 22:00',
    { deliveries: [row('sent')], ...dry('12 22:00') },
    ...(['wait', '13 06:30'] as const),
  ],
  [
    'a change in the morning is corrected',
    '13 08:59',
    { deliveries: [row('sent')], ...dry('13 08:00') },
    ...(['correct', '13 09:00'] as const),
  ],
  ['rain after a skipped message is corrected', '12 20:50', { deliveries: [noMatch] }, 'correct', '12 22:00'],
  [
    'an old forecast corrects nothing',
    '12 20:50',
    { deliveries: [row('sent')], ...dry('12 08:49') },
    ...(['wait', '13 06:30'] as const),
  ],
  [
    'a missing forecast corrects nothing',
    '12 20:50',
    { deliveries: [row('sent')], forecast: undefined },
    ...(['wait', '13 06:30'] as const),
  ],
  [
    'a correction that is due waits for its sender',
    '12 21:15',
    { deliveries: [row('sent'), correctionRow('due')] },
    ...(['wait', '12 22:00'] as const),
  ],
  [
    'a correction that is due expires with its window, also in the next one',
    '13 07:00',
    { deliveries: [row('sent'), correctionRow('due')] },
    'expire',
  ],
  [
    'a correction that is due is cancelled if the subscription is deleted',
    '12 21:15',
    { deliveries: [row('sent'), correctionRow('due')], ...settings({ deletedAt: at('12 12:00') }) },
    'skip',
  ],
  ...(['claimed', 'sent', 'unknown', 'failed', 'expired', 'skipped'] as const).map(
    (status) =>
      [
        `after a correction with status ${status}, closes`,
        '12 21:40',
        { deliveries: [row('sent'), correctionRow(status)] },
        'closed',
      ] as const,
  ),
  ...(['failed', 'expired', 'no_data'] as const).map(
    (status) =>
      [
        `a message with status ${status} is not corrected`,
        '12 21:10',
        { deliveries: [row(status)] },
        'closed',
      ] as const,
  ),
  ...(['not_a_day', 'paused', 'muted', 'cancelled'] as const).map(
    (reason) =>
      [
        `a message that was skipped because of ${reason} is not added later`,
        '12 21:10',
        { deliveries: [row('skipped', { reason, decision: undefined })] },
        'closed',
      ] as const,
  ),
];

for (const [what, now, changes, step, wakeAt] of steps) {
  test(`${what}: ${step} at ${now}`, () => {
    const decided = decideOccurrence(occurrence(now, changes));
    assert.equal(decided.step, step);
    assert.equal('wakeAt' in decided ? decided.wakeAt : undefined, wakeAt && at(wakeAt));
  });
}

const stepAt = <S extends OccurrenceStep['step']>(
  step: S,
  now: string,
  changes: Partial<Occurrence> = {},
) => {
  const decided = decideOccurrence(occurrence(now, changes));
  assert.equal(decided.step, step);
  return decided as Extract<OccurrenceStep, { step: S }>;
};

test('a message has the decision, the values behind it and its lateness', () => {
  const { evaluation, lateMs, isStale } = stepAt('deliver', '12 20:40');
  assert.deepEqual(evaluation.decision, RAIN);
  assert.deepEqual(evaluation.clauses[0]?.decidedBy, [
    { date: '2026-10-13', field: 'dayweather', text: '小雨' },
  ]);
  assert.equal(lateMs, 40 * 60_000);
  assert.equal(isStale, false);
});

test('a forecast of exactly twelve hours ago is not old', () => {
  const { isStale } = stepAt('deliver', '12 20:00', { forecast: forecastOf(at('12 08:00'), '小雨') });
  assert.equal(isStale, false);
});

test('a skipped message has the values that did not match', () => {
  const { reason, correction, evaluation } = stepAt('skip', '12 20:00', dry('12 20:00'));
  assert.deepEqual([reason, correction, evaluation?.decision], ['no_match', false, DRY]);
});

test('a correction says whether the weather was added or withdrawn', () => {
  assert.equal(stepAt('correct', '12 20:50', { deliveries: [noMatch] }).change, 'added');
  const withdrawn = stepAt('correct', '12 20:50', { deliveries: [row('sent')], ...dry('12 20:50') });
  assert.deepEqual([withdrawn.change, withdrawn.evaluation.decision], ['withdrawn', DRY]);
});

test('a step says whether it is about the message or its correction', () => {
  const deliveries = [row('sent'), correctionRow('due')];
  assert.equal(stepAt('expire', '13 07:00', { deliveries }).correction, true);
  assert.equal(
    stepAt('skip', '12 21:15', { deliveries, ...settings({ deletedAt: at('12 12:00') }) }).correction,
    true,
  );
  assert.equal(stepAt('expire', '12 23:00', { deliveries: [row('due')] }).correction, false);
});

test('missing data are named', () => {
  const { evaluation } = stepAt('no_data', '12 23:00', { forecast: forecastOf(at('12 18:40'), '未知') });
  assert.deepEqual(evaluation?.clauses[0]?.decidedBy, [
    { date: '2026-10-13', field: 'dayweather', text: '未知' },
  ]);
});

test('a drop is compared with the forecast of the day before', () => {
  const condition = { v: 1, tDrop: 8 } as const;
  const { forecast } = occurrence('12 20:00');
  const today = { ...forecastOf(0, '晴', '2026-10-12').days[1], daytemp: '27' } as never;
  const days = [...(forecast?.days ?? []), today];
  const { evaluation } = stepAt('deliver', '12 20:00', {
    ...settings({ condition }),
    forecast: { fetchedAt: at('12 19:00'), days },
  });
  assert.equal(evaluation.decision.matched[0], 'condition');
});

test('says why an occurrence is closed', () => {
  assert.equal(stepAt('closed', '12 20:00', settings({ date: '2026-10-14' })).reason, 'other_date');
  assert.equal(
    stepAt('closed', '12 20:06', settings({ createdAt: at('12 20:05') })).reason,
    'created_after_due',
  );
  assert.equal(stepAt('closed', '13 09:00', { deliveries: [row('sent')] }).reason, 'done');
});

test('a subscription that is created at the due time itself is sent', () => {
  stepAt('deliver', '12 20:00', settings({ createdAt: at('12 20:00') }));
});

/** The clocks of New York, and the instants in UTC at which the forecast of Beijing is due. */
const clockChanges: readonly (readonly [wallTime: string, date: string, due: string, ...others: string[]])[] =
  [
    // Clocks skip from 02:00 to 03:00, so 03:30 is half an hour after the due time.
    ['02:30', '2027-03-15', '2027-03-14T07:00:00Z', '2027-03-14T07:30:00Z'],
    // Clocks show 01:30 twice.
    ['01:30', '2027-11-08', '2027-11-07T05:30:00Z', '2027-11-07T06:30:00Z'],
  ];

for (const [wallTime, date, due, ...others] of clockChanges) {
  test(`at ${wallTime} in New York, the message for ${date} is due once, at ${due}`, () => {
    const stepOf = (instant: number, deliveries: readonly Delivery[]) =>
      decideOccurrence({
        ...{
          settings: { ...SETTINGS, tz: 'America/New_York', at: wallTime },
          date,
          placeZone: 'Asia/Shanghai',
        },
        ...{ now: instant, forecast: forecastOf(instant, '小雨', date), refreshedAt: instant, deliveries },
      }).step;
    assert.equal(stepOf(Date.parse(due) - 1, []), 'wait');
    assert.equal(stepOf(Date.parse(due), []), 'deliver');
    for (const other of others)
      assert.equal(stepOf(Date.parse(other), [row('sent', { dueAt: Date.parse(due) })]), 'wait');
  });
}
