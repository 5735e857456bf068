import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConsumerLine } from './tunnel-consumer.ts';
import { evaluateConsumers } from './tunnel-verdict.ts';

/** `+X` opens the only channel for X. `X1:a@5` is the change of `a` at 5 in X's first batch. Without `@`: base data. */
const read = (text: string): ConsumerLine[] =>
  text.split(' ').map((word) => {
    const session = 1;
    const [, opening, client = '', batch = '', id = '', at] =
      /^(\+?)([A-Z])(\d*):?(\w*)(?:@(\d+))?$/.exec(word) ?? [];
    if (opening === '+') return { type: 'opened', client, channel: 'c', session };
    return {
      ...{ type: 'record', client, channel: 'c', session, batch: Number(batch) },
      ...{ action: 'DeleteRow', columns: [] },
      key: [{ name: 'id', type: 'string', value: id }],
      ...(at === undefined ? {} : { sequence: `${at}:0` }),
    };
  });

describe('the verdict on the output of consumers', () => {
  const twice = new Map([['a', ['DeleteRow', 'DeleteRow']]]);
  const none = { wrong: 0, disorder: 0, excess: 0, duplicates: 0 };
  const cases: readonly [
    name: string,
    output: string,
    base: string[],
    changes: Map<string, string[]>,
    expected: object,
  ][] = [
    ['finds no problem if everything comes once and in order', '+X X1:a X2:a@1 X3:a@2', ['a'], twice, none],
    ['finds a missing row', '+X X1:a@1 X1:a@2', ['b'], twice, { ...none, wrong: 1 }],
    ['finds a missing change', '+X X1:a@1', [], twice, { ...none, wrong: 1 }],
    ['finds a change that was not written', '+X X1:b@1', [], new Map(), { ...none, wrong: 1 }],
    [
      'finds a change that comes after a later change of the same row',
      '+X X1:a@2 X1:a@1',
      [],
      twice,
      { ...none, disorder: 1 },
    ],
    ['finds base data after changes', '+X X1:a@1 X1:a@2 X2:b', ['b'], twice, { ...none, disorder: 1 }],
    [
      'accepts the last batch again after a move',
      '+X X1:a@1 X2:a@2 +Y Y1:a@2',
      [],
      twice,
      { ...none, duplicates: 1 },
    ],
    [
      'accepts the last batch again after a reader without records',
      '+X X1:a@1 X2:a@2 +Y +Z Z1:a@2',
      [],
      twice,
      { ...none, duplicates: 1 },
    ],
    [
      'accepts the last batch again after a reader that repeated only a part of it',
      '+X X1:a@1 X1:a@2 +Y Y1:a@1 +Z Z1:a@1 Z1:a@2',
      [],
      twice,
      { ...none, duplicates: 3 },
    ],
    [
      'does not accept a batch again after a later one was repeated',
      '+X X1:a@1 +Y Y1:a@1 Y2:a@2 +Z Z1:a@1',
      [],
      twice,
      { ...none, duplicates: 2, excess: 1 },
    ],
    [
      'does not accept an earlier batch again',
      '+X X1:a@1 X2:a@2 +Y Y1:a@1',
      [],
      twice,
      { ...none, duplicates: 1, excess: 1 },
    ],
    [
      'does not accept a repetition without a move',
      '+X X1:a@1 X1:a@2 X2:a@2',
      [],
      twice,
      { ...none, duplicates: 1, excess: 1 },
    ],
    [
      'accepts one batch of a reader that has lost the channel but does not know it yet',
      '+X X1:a@1 +Y X2:a@2 Y1:a@2',
      [],
      twice,
      { ...none, duplicates: 1 },
    ],
    [
      'does not accept a second batch of a reader that has lost the channel',
      '+X +Y Y1:a@1 Y2:a@2 X1:a@1 X2:a@2',
      [],
      twice,
      { ...none, duplicates: 2, excess: 1 },
    ],
  ];
  for (const [name, output, base, changes, expected] of cases)
    test(name, () => {
      const { wrong, disorder, excess, duplicates } = evaluateConsumers(read(output), {
        base: new Set(base),
        changes,
      });
      const counts = { wrong: wrong.length, disorder: disorder.length, excess: excess.length, duplicates };
      assert.deepEqual(counts, expected);
    });
});
