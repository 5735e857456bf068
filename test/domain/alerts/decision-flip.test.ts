import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONDITION } from '../../../domain/alerts/condition.ts';
import { isDecisionFlip } from '../../../domain/alerts/decision-flip.ts';
import { evaluateCondition } from '../../../domain/alerts/evaluate-condition.ts';
import { dayForecast } from './day-forecast.ts';

const rows: readonly (readonly [delivered: string, current: string, isFlip: boolean])[] = [
  ['小雨', '晴', true],
  ['晴', '小雨', true],
  ['晴', '暴雨', true],
  ['冻雨', '阴', true],
  ['小雨', '中雨', false],
  ['小雨', '暴雨', false],
  ['小雨', '大雪', false],
  ['小雨', '冻雨', false],
  ['晴', '多云', false],
  ['晴', '沙尘暴', false],
  ['小雨', '小雨', false],
];

const decisionFor = (dayweather: string) =>
  evaluateCondition(DEFAULT_CONDITION, dayForecast('2026-10-13', { dayweather })).decision;

for (const [delivered, current, isFlip] of rows) {
  test(`for rain or snow, ${delivered} to ${current} is ${isFlip ? 'a' : 'no'} flip`, () =>
    assert.equal(isDecisionFlip(decisionFor(delivered), decisionFor(current)), isFlip));
}
