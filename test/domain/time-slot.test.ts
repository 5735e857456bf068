import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDurationMs, parseTimeSlots, timeSlotStart } from '../../domain/time-slot.ts';

const durations: readonly (readonly [text: unknown, ms: number | undefined])[] = [
  ['PT3H', 10_800_000],
  ['PT1H30M', 5_400_000],
  ['PT45S', 45_000],
  ['P1D', 86_400_000],
  ['P1DT1S', 86_401_000],
  ...[undefined, 5, '', 'P', 'PT', 'P1DT', '3H', 'PT0S', 'P1M', 'P1Y', 'P1W', '-PT1H', 'PT1.5H', 'PT3h'].map(
    (text) => [text, undefined] as const,
  ),
  ['PT99999999999999999H', undefined],
];

for (const [text, ms] of durations) {
  test(`parses the duration ${JSON.stringify(text)} as ${ms ?? 'invalid'}`, () =>
    assert.equal(parseDurationMs(text), ms));
}

const slots: readonly (readonly [
  why: string,
  instant: string,
  duration: string,
  zone: string,
  start: string,
])[] = [
  ['in the middle', '2026-11-22T04:59:59.999Z', 'PT3H', 'Asia/Shanghai', '2026-11-22T04:00:00Z'],
  ['at the very start', '2026-11-22T04:00:00Z', 'PT3H', 'Asia/Shanghai', '2026-11-22T04:00:00Z'],
  ['just before', '2026-11-22T03:59:59.999Z', 'PT3H', 'Asia/Shanghai', '2026-11-22T01:00:00Z'],
  ['just after local midnight', '2026-11-21T16:00:01Z', 'PT3H', 'Asia/Shanghai', '2026-11-21T16:00:00Z'],
  ['a zone with half hours', '2026-11-22T00:00:00Z', 'PT1H', 'Asia/Kolkata', '2026-11-21T23:30:00Z'],
  // On 8 March 2026 clocks in New York change from 2 to 3: 6 o'clock is UTC-4, midnight was UTC-5.
  [
    'after the change to daylight saving time',
    '2026-03-08T11:00:00Z',
    'PT6H',
    'America/New_York',
    '2026-03-08T10:00:00Z',
  ],
  [
    'before the change to daylight saving time',
    '2026-03-08T05:30:00Z',
    'PT6H',
    'America/New_York',
    '2026-03-08T05:00:00Z',
  ],
  // On 1 November 2026 clocks change from 2 back to 1.
  [
    'after the end of daylight saving time',
    '2026-11-01T12:00:00Z',
    'PT6H',
    'America/New_York',
    '2026-11-01T11:00:00Z',
  ],
  ['a whole day of 23 hours', '2026-03-09T03:59:59Z', 'P1D', 'America/New_York', '2026-03-08T05:00:00Z'],
];

for (const [why, instant, duration, zone, start] of slots) {
  test(`${instant} with ${duration} in ${zone} belongs to the slot at ${start}: ${why}`, () => {
    const found = parseTimeSlots(duration, zone);
    assert.ok(typeof found !== 'string', String(found));
    assert.equal(timeSlotStart(Date.parse(instant), found), start);
  });
}

for (const [duration, zone, says] of [
  ['PT5H', 'Asia/Shanghai', /24 hours evenly.*PT5H/],
  ['P2D', 'Asia/Shanghai', /P2D/],
  ['3h', 'Asia/Shanghai', /3h/],
  ['PT3H', 'Mars/Olympus', /Mars\/Olympus/],
  ['PT3H', '', /zone/],
] as const) {
  test(`rejects slots of ${duration} in ${zone || 'no zone'} with a message`, () => {
    const found = parseTimeSlots(duration, zone);
    assert.ok(typeof found === 'string');
    assert.match(found, says);
  });
}
