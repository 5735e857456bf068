import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoment } from '../../../cli/parked/filter.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

for (const [text, expected] of [
  ['90s', '2026-11-22T11:58:30.000Z'],
  ['10m', '2026-11-22T11:50:00.000Z'],
  ['2h', '2026-11-22T10:00:00.000Z'],
  ['3d', '2026-11-19T12:00:00.000Z'],
  ['2026-11-22T08:00:00+08:00', '2026-11-22T00:00:00.000Z'],
] as const)
  test(`--since ${text} is ${expected}`, () => {
    assert.equal(parseMoment('--since', text, NOW).toISOString(), expected);
  });

for (const text of ['', 'yesterday', '2 h', '2w', '-1h', '2026-11-22', '2026-02-30T00:00:00Z'])
  test(`--since ${JSON.stringify(text)} is rejected with what is allowed`, () => {
    assert.throws(() => parseMoment('--since', text, NOW), {
      name: 'UsageError',
      message: `--since is ${JSON.stringify(text)}; allowed: a duration before now, like 90s, 10m, 2h, 3d, or a time like 2026-11-22T12:00:00Z`,
    });
  });
