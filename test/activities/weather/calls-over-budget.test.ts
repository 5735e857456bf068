import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  callsOverBudget,
  orderByTries,
  type ProviderCall,
} from '../../../activities/weather/call-retries.ts';

const ask = (adcode: string, tries = 0, countedOn?: string): ProviderCall => ({
  adcodes: [adcode],
  tries,
  countedOn,
});
const asks = [ask('a'), ask('b', 1), ask('c', 0, '2026-11-22'), ask('d'), ask('e', 2), ask('f')];

const cases: readonly (readonly [calls: number, out: string])[] = [
  [Number.POSITIVE_INFINITY, ''],
  [5, ''],
  [4, 'e'],
  [3, 'be'],
  [2, 'bef'],
  [1, 'bdef'],
  [0, 'abdef'],
  [-3, 'abdef'],
];
for (const [calls, out] of cases)
  test(`with ${calls} calls left, drops ${out === '' ? 'none' : out} of six`, () =>
    assert.equal(
      [...callsOverBudget(asks, calls)]
        .flatMap(({ adcodes }) => adcodes)
        .sort()
        .join(''),
      out,
    ));

test('puts calls that missed their time slot before calls that failed more often, in their original order', () => {
  const failure = { class: 'transient', code: 'network', reason: 'away' } as const;
  const again = [ask('x', 1), ask('y', 2)].map((each) => ({ ask: each, failure }));
  const waiting = [ask('p'), ask('q', 2), ask('r')];
  assert.deepEqual(
    orderByTries(waiting, again).flatMap(({ adcodes }) => adcodes),
    ['p', 'r', 'x', 'q', 'y'],
  );
});
