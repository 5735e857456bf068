import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTimestampMs } from '../../domain/timestamp.ts';

const instants: readonly (readonly [text: string, utc: string])[] = [
  ['2026-11-22T12:00:00Z', '2026-11-22T12:00:00.000Z'],
  ['2026-11-22t12:00:00z', '2026-11-22T12:00:00.000Z'],
  ['2026-11-22 12:00:00+08:00', '2026-11-22T04:00:00.000Z'],
  ['2026-11-22T12:00:00.123456789-05:30', '2026-11-22T17:30:00.123Z'],
  ['2020-08-17T16:04:46.149Asia/Shanghai', '2020-08-17T08:04:46.149Z'],
  ['2020-08-17T16:04:46PRC', '2020-08-17T08:04:46.000Z'],
  ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.000Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
];

for (const [text, utc] of instants) {
  test(`parses ${text} as ${utc}`, () => {
    assert.equal(new Date(parseTimestampMs(text) ?? Number.NaN).toISOString(), utc);
  });
}

test('does not read the year 50 as 1950', () => {
  assert.equal(parseTimestampMs('0050-01-01T00:00:00Z'), Date.parse('0050-01-01T00:00:00Z'));
});

for (const text of [
  ...['', 'today', '2026-11-22', '2026-11-22T12:00:00', '2026-11-22T12:00Z', '1700000000'],
  ...['2026-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-11-22T24:00:00Z'],
  ...['2026-11-22T12:60:00Z', '2026-11-22T12:00:61Z', '2026-11-22T12:00:00+24:00', ' 2026-11-22T12:00:00Z'],
]) {
  test(`rejects the timestamp ${JSON.stringify(text)}`, () =>
    assert.equal(parseTimestampMs(text), undefined));
}
