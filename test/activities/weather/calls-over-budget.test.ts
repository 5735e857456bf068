import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  callsOverBudget,
  orderByTries,
  type ProviderCall,
} from '../../../activities/weather/call-retries.ts';

const call = (adcode: string, tries = 0, reservedOn?: string): ProviderCall => ({
  adcodes: [adcode],
  tries,
  reservedOn,
});
const pending = [call('a'), call('b', 1), call('c', 0, '2026-11-22'), call('d'), call('e', 2), call('f')];

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
      [...callsOverBudget(pending, calls)]
        .flatMap(({ adcodes }) => adcodes)
        .sort()
        .join(''),
      out,
    ));

test('puts calls that missed their start time before calls that failed more often, in their original order', () => {
  const failure = { class: 'transient', code: 'network', reason: 'away' } as const;
  const again = [call('x', 1), call('y', 2)].map((each) => ({ call: each, failure }));
  const waiting = [call('p'), call('q', 2), call('r')];
  assert.deepEqual(
    orderByTries(waiting, again).flatMap(({ adcodes }) => adcodes),
    ['p', 'r', 'x', 'q', 'y'],
  );
});
