import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closestWord } from '../../cli/closest-word.ts';

const words = ['start', 'gateway', 'worker', 'local', 'runs', 'send', 'doctor'];

for (const [typed, meant] of [
  ['strat', 'start'],
  ['gatway', 'gateway'],
  ['doc', 'doctor'],
  ['run', 'runs'],
  ['xyzzy', undefined],
] as const) {
  test(`the closest word to ${typed} is ${meant ?? 'none'}`, () =>
    assert.equal(closestWord(typed, words), meant));
}
