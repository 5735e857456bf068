import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  callsOverBudget,
  orderByTries,
  type ProviderCall,
} from '../../../activities/weather/call-retries.ts';

const call = (adcode: string, tries = 0, reservedFor?: string): ProviderCall => ({
  adcodes: [adcode],
  tries,
  reservedFor,
});
const pending = [call('a'), call('b', 1), call('c', 0, '2026-11-22'), call('d'), call('e', 2), call('f')];

const cases: readonly (readonly [calls: number, dropped: string])[] = [
  [Number.POSITIVE_INFINITY, ''],
  [5, ''],
  [4, 'e'],
  [3, 'be'],
  [2, 'bef'],
  [1, 'bdef'],
  [0, 'abdef'],
  [-3, 'abdef'],
];
for (const [calls, dropped] of cases)
  test(`with ${calls} calls left, drops ${dropped === '' ? 'none' : dropped} of six pending calls`, () =>
    assert.equal(
      [...callsOverBudget(pending, calls)]
        .flatMap(({ adcodes }) => adcodes)
        .sort()
        .join(''),
      dropped,
    ));

test('orders calls by the number of failed attempts, and keeps the original order of calls with the same number', () => {
  const failure = { class: 'transient', code: 'network', reason: 'away' } as const;
  const again = [call('x', 1), call('y', 2)].map((each) => ({ call: each, failure }));
  const waiting = [call('p'), call('q', 2), call('r')];
  assert.deepEqual(
    orderByTries(waiting, again).flatMap(({ adcodes }) => adcodes),
    ['p', 'r', 'x', 'q', 'y'],
  );
});
