import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  beaufortLevel,
  parseWindDirection,
  parseWindPower,
  windDirection,
} from '../../../domain/weather/wind.ts';

const powers: readonly (readonly [text: string, levels: readonly [number, number] | undefined])[] = [
  ['≤3', [0, 3]],
  ['≤3级', [0, 3]],
  ['<3', [0, 3]],
  ['1-3', [1, 3]],
  ['4', [4, 4]],
  ['4-5', [4, 5]],
  ['4-5级', [4, 5]],
  ['12', [12, 12]],
  ['0', [0, 0]],
  ...['', '级', '微风', '5-4', '18', '4-', '-4', '1-3-5', '3.5', 'NaN'].map(
    (text) => [text, undefined] as const,
  ),
];

for (const [text, levels] of powers) {
  test(`parses the wind power ${JSON.stringify(text)} as ${levels?.join(' to ') ?? 'undefined'}`, () => {
    const [min, max] = levels ?? [];
    assert.deepEqual(parseWindPower(text), levels && { min, max });
  });
}

const directions: readonly (readonly [degrees: number, direction: string])[] = [
  [0, '北'],
  [22, '北'],
  [23, '东北'],
  [45, '东北'],
  [90, '东'],
  [135, '东南'],
  [180, '南'],
  [225, '西南'],
  [270, '西'],
  [315, '西北'],
  [337, '西北'],
  [338, '北'],
  [360, '北'],
  [-45, '西北'],
  [405, '东北'],
];

for (const [degrees, direction] of directions) {
  test(`a wind from ${degrees} degrees comes from ${direction}`, () =>
    assert.equal(windDirection(degrees), direction));
}

const texts: readonly (readonly [text: string, direction: string])[] = [
  ['东北风', '东北'],
  ['东', '东'],
  ['无风向', '无风向'],
  ['旋转不定', '旋转不定'],
  ['东北偏北', '东北'],
  ['北东北风', '东北'],
  ['西西南', '西南'],
  ['', ''],
  ['上', ''],
];

for (const [text, direction] of texts) {
  test(`parses the direction ${JSON.stringify(text)} as ${direction || 'none'}`, () =>
    assert.equal(parseWindDirection(text), direction));
}

// The bounds of each level in km/h: its first and last speed. GB/T 28591 has them in m/s.
const speeds: readonly (readonly [level: number, from: number, to: number])[] = [
  [0, 0, 0.8],
  [1, 1.2, 5],
  [2, 6, 11],
  [3, 12.5, 19],
  [4, 20, 28],
  [5, 29, 38],
  [6, 39, 49],
  [7, 50.5, 61],
  [8, 62, 74],
  [9, 75, 88],
  [10, 89, 102],
  [11, 103, 117],
  [12, 118, 250],
];

for (const [level, from, to] of speeds) {
  test(`${from} to ${to} km/h is level ${level}`, () =>
    assert.deepEqual([from, to].map(beaufortLevel), [level, level]));
}
