import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConsumerLine } from './tunnel-consumer.ts';
import { judge } from './tunnel-verdict.ts';

/** `+X` opens the only channel for X; `X1:a@5` is X's first batch giving the change of `a` at 5; without `@` base data. */
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

describe('the verdict on what consumers gave', () => {
  const twice = new Map([['a', ['DeleteRow', 'DeleteRow']]]);
  const none = { wrong: 0, disorder: 0, excess: 0, duplicates: 0 };
  const cases: readonly [
    name: string,
    said: string,
    base: string[],
    changes: Map<string, string[]>,
    expected: object,
  ][] = [
    ['finds nothing wrong with all, once, in order', '+X X1:a X2:a@1 X3:a@2', ['a'], twice, none],
    ['misses a row', '+X X1:a@1 X1:a@2', ['b'], twice, { ...none, wrong: 1 }],
    ['misses a change', '+X X1:a@1', [], twice, { ...none, wrong: 1 }],
    ['finds a change that nobody made', '+X X1:b@1', [], new Map(), { ...none, wrong: 1 }],
    ['finds a change after a later one', '+X X1:a@2 X1:a@1', [], twice, { ...none, disorder: 1 }],
    ['finds base data after changes', '+X X1:a@1 X1:a@2 X2:b', ['b'], twice, { ...none, disorder: 1 }],
    [
      'takes the last batch again after a move',
      '+X X1:a@1 X2:a@2 +Y Y1:a@2',
      [],
      twice,
      { ...none, duplicates: 1 },
    ],
    [
      'takes the last batch again after one who gave nothing',
      '+X X1:a@1 X2:a@2 +Y +Z Z1:a@2',
      [],
      twice,
      { ...none, duplicates: 1 },
    ],
    [
      'takes the last batch again after one who gave no more than that',
      '+X X1:a@1 X1:a@2 +Y Y1:a@1 +Z Z1:a@1 Z1:a@2',
      [],
      twice,
      { ...none, duplicates: 3 },
    ],
    [
      'takes no batch again that was passed',
      '+X X1:a@1 +Y Y1:a@1 Y2:a@2 +Z Z1:a@1',
      [],
      twice,
      { ...none, duplicates: 2, excess: 1 },
    ],
    [
      'takes no earlier batch again',
      '+X X1:a@1 X2:a@2 +Y Y1:a@1',
      [],
      twice,
      { ...none, duplicates: 1, excess: 1 },
    ],
    [
      'takes nothing again without a move',
      '+X X1:a@1 X1:a@2 X2:a@2',
      [],
      twice,
      { ...none, duplicates: 1, excess: 1 },
    ],
    [
      'takes a batch of one who does not know yet',
      '+X X1:a@1 +Y X2:a@2 Y1:a@2',
      [],
      twice,
      { ...none, duplicates: 1 },
    ],
    [
      'takes no second one of him',
      '+X +Y Y1:a@1 Y2:a@2 X1:a@1 X2:a@2',
      [],
      twice,
      { ...none, duplicates: 2, excess: 1 },
    ],
  ];
  for (const [name, said, base, changes, expected] of cases)
    test(name, () => {
      const { wrong, disorder, excess, duplicates } = judge(read(said), { base: new Set(base), changes });
      const counts = { wrong: wrong.length, disorder: disorder.length, excess: excess.length, duplicates };
      assert.deepEqual(counts, expected);
    });
});
