import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from '../../domain/retry-after.ts';

const NOW = Date.UTC(2026, 10, 22, 8, 0, 0);
const rows: readonly (readonly [string | undefined, number | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  [' ', undefined],
  ['0', 0],
  ['7', 7_000],
  [' 7 ', 7_000],
  ['1.5', 1_500],
  ['60', 60_000],
  ['61', 60_000],
  ['-5', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
  ['soon', undefined],
  ['Sun, 22 Nov 2026 08:00:20 GMT', 20_000],
  ['Sunday, 22-Nov-26 08:00:20 GMT', 20_000],
  ['Sun Nov 22 08:00:20 2026', 20_000],
  ['Sun, 22 Nov 2026 07:00:00 GMT', 0],
];
for (const [header, expected] of rows)
  test(`with a maximum of 60 s, Retry-After ${JSON.stringify(header)} is ${expected} ms`, () =>
    assert.equal(retryAfterMs(header, NOW, 60_000), expected));
