import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCondition, DEFAULT_CONDITION } from '../../../domain/alerts/condition.ts';

const CAT = { cat: 'rain' };

const accepted: readonly (readonly [what: string, condition: object])[] = [
  [
    'each kind of clause',
    { any: [{ cat: 'rain', minSev: 1, when: 'any' }, { cat: 'snow' }, { tMinBelow: 0 }] },
  ],
  ['heat, a drop and wind', { any: [{ tMaxAbove: 35 }, { tDrop: 8, of: 'max', vs: 'today' }] }],
  ['wind by day', { any: [{ windAtLeast: 6, when: 'day' }] }],
  ['texts', { any: [{ textIn: ['沙尘暴', '强沙尘暴', '冻雨'] }, { textContains: '雨', when: 'night' }] }],
  ['texts that no provider writes', { any: [{ textIn: ['frogs', 'locusts'] }] }],
  ['a single clause without a list', { tMinBelow: -5.5 }],
  ['all and not', { all: [{ cat: 'wind' }, { not: { cat: 'rain' } }] }],
  ['the lowest and highest values', { any: [{ tMinBelow: -90 }, { tMaxAbove: 60 }, { windAtLeast: 17 }] }],
  ['clear sky', { cat: 'clear' }],
  ['clear sky with severity 0', { cat: 'clear', minSev: 0 }],
  ['a hundred conditions', { any: Array.from({ length: 99 }, () => CAT) }],
  ['a warm day with a cold night', { all: [{ tMinBelow: 0 }, { tMaxAbove: 15 }] }],
  ['a range of temperatures', { all: [{ tMaxAbove: 10 }, { not: { tMaxAbove: 20 } }] }],
  ['different texts, where day and night may differ', { all: [{ textIn: ['晴'] }, { textIn: ['阴'] }] }],
  ['rain, but not heavy rain', { all: [CAT, { not: { cat: 'rain', minSev: 3 } }] }],
  ['rain at night only', { all: [CAT, { not: { cat: 'rain', when: 'day' } }] }],
  [
    'wind at night only',
    { all: [{ windAtLeast: 6, when: 'night' }, { not: { windAtLeast: 6, when: 'day' } }] },
  ],
  ['a colder day with a night that is not colder', { all: [{ tDrop: 5 }, { not: { tDrop: 5, of: 'min' } }] }],
];

for (const [what, condition] of accepted) {
  test(`accepts ${what}`, () => {
    const value = { v: 1, ...condition };
    assert.deepEqual(checkCondition(value), { condition: value, problems: [] });
  });
}

test('the default condition is rain or snow, and valid', () => {
  assert.deepEqual(DEFAULT_CONDITION, { v: 1, any: [{ cat: 'rain' }, { cat: 'snow' }] });
  assert.deepEqual(checkCondition(DEFAULT_CONDITION).problems, []);
});

const nested = (depth: number): object =>
  Array.from({ length: depth }).reduce<object>((inside) => ({ not: inside }), CAT);

const rejected: readonly (readonly [what: string, value: unknown, path: string, problem: RegExp])[] = [
  ['no object', 'rain', '', /^is "rain"; allowed: an object with exactly one of any, all, not, cat/],
  ['null', null, '', /^is null; allowed/],
  ['nothing', undefined, '', /^is missing; allowed/],
  ['a list', [], '', /^is \[\]; allowed/],
  ['no version', CAT, 'v', /^is missing; allowed: 1$/],
  ['another version', { v: 2, ...CAT }, 'v', /^is 2; allowed: 1$/],
  ['a condition without a clause', { v: 1 }, '', /exactly one of/],
  ['two clauses in one', { v: 1, cat: 'rain', tMinBelow: 0 }, '', /exactly one of/],
  [
    'a version inside',
    { v: 1, any: [{ v: 1, ...CAT }] },
    'any[0].v',
    /unknown field; allowed: cat, minSev, when/,
  ],
  [
    'a field of another clause',
    { v: 1, tMinBelow: 0, when: 'day' },
    'when',
    /unknown field; allowed: v, tMinBelow/,
  ],
  ['a field beside a list', { v: 1, any: [CAT], minSev: 2 }, 'minSev', /unknown field; allowed: v, any$/],
  [
    'an unknown category',
    { v: 1, any: [{ cat: 'frogs' }] },
    'any[0].cat',
    /^is "frogs"; allowed: rain, snow/,
  ],
  ['the category unknown', { v: 1, cat: 'unknown' }, 'cat', /^is "unknown"; allowed: rain/],
  [
    'a severity over 5',
    { v: 1, any: [CAT, { ...CAT, minSev: 6 }] },
    'any[1].minSev',
    /whole number from 0 to 5/,
  ],
  [
    'half a severity',
    { v: 1, ...CAT, minSev: 1.5 },
    'minSev',
    /^is 1.5; allowed: a whole number from 0 to 5$/,
  ],
  ['a severity as text', { v: 1, ...CAT, minSev: '1' }, 'minSev', /^is "1"/],
  [
    'an unknown part of the day',
    { v: 1, ...CAT, when: 'noon' },
    'when',
    /^is "noon"; allowed: day, night, any$/,
  ],
  ['a temperature as text', { v: 1, tMinBelow: '0' }, 'tMinBelow', /a number from -90 to 60/],
  [
    'a temperature that is no number',
    { v: 1, tMaxAbove: Number.NaN },
    'tMaxAbove',
    /a number from -90 to 60/,
  ],
  ['a drop of nothing', { v: 1, tDrop: 0 }, 'tDrop', /^is 0; allowed: a number from 1 to 60$/],
  ['a drop of another temperature', { v: 1, tDrop: 5, of: 'mean' }, 'of', /^is "mean"; allowed: max, min$/],
  ['a drop against another day', { v: 1, tDrop: 5, vs: 'yesterday' }, 'vs', /allowed: today$/],
  ['half a level of wind', { v: 1, windAtLeast: 5.5 }, 'windAtLeast', /whole number from 1 to 17/],
  ['a text in place of a list', { v: 1, textIn: '冻雨' }, 'textIn', /a list of 1 to 100 texts/],
  ['a blank text in a list', { v: 1, textIn: ['冻雨', ' '] }, 'textIn', /each with 1 to 40 characters/],
  ['a long text in a list', { v: 1, textIn: ['雨'.repeat(41)] }, 'textIn', /each with 1 to 40 characters/],
  ['too many texts', { v: 1, textIn: Array(101).fill('雨') }, 'textIn', /a list of 1 to 100 texts/],
  ['an empty text', { v: 1, textContains: '' }, 'textContains', /a text of 1 to 40 characters/],
  ['an object in place of a list', { v: 1, any: CAT }, 'any', /a list of 1 to 100 conditions/],
  ['too long a list', { v: 1, any: Array(101).fill(CAT) }, 'any', /a list of 1 to 100 conditions/],
  [
    'too many conditions',
    { v: 1, any: Array(2).fill({ any: Array(60).fill(CAT) }) },
    '',
    /more than 100 conditions/,
  ],
  [
    'too deep a condition',
    { v: 1, ...nested(9) },
    `not${'.not'.repeat(8)}`,
    /^is inside 8 others; allowed: at most 7$/,
  ],
  ['an inherited field', { v: 1, constructor: 1 }, '', /exactly one of/],
];

const neverMatching: typeof rejected = [
  ['an empty any', { v: 1, any: [] }, 'any', /^is \[\]; allowed: a list of 1/],
  ['an empty all', { v: 1, any: [CAT, { all: [] }] }, 'any[1].all', /a list of 1/],
  ['an empty list of texts', { v: 1, textIn: [] }, 'textIn', /^is \[\]; allowed: a list of 1/],
  [
    'a minimum below -90',
    { v: 1, tMinBelow: -91 },
    'tMinBelow',
    /^is -91; allowed: a number from -90 to 60$/,
  ],
  ['a maximum above 60', { v: 1, tMaxAbove: 61 }, 'tMaxAbove', /^is 61/],
  ['a hurricane of level 18', { v: 1, windAtLeast: 18 }, 'windAtLeast', /^is 18/],
  ['a severe clear sky', { v: 1, cat: 'clear', minSev: 1 }, 'minSev', /clear never has a higher severity/],
  ['severe clouds', { v: 1, any: [{ cat: 'cloud', minSev: 2 }] }, 'any[0].minSev', /cloud never has/],
  [
    'a range of maxima that is empty',
    { v: 1, all: [{ tMaxAbove: 20 }, { not: { tMaxAbove: 10 } }] },
    'all',
    /^can never match, because all\[0\] and all\[1\] exclude each other$/,
  ],
  [
    'a range of minima that is empty',
    { v: 1, any: [CAT, { all: [{ not: { tMinBelow: 5 } }, CAT, { tMinBelow: 0 }] }] },
    'any[1].all',
    /because any\[1\].all\[0\] and any\[1\].all\[2\] exclude/,
  ],
  [
    'a maximum below the minimum',
    { v: 1, all: [{ not: { tMinBelow: 10 } }, { not: { tMaxAbove: 5 } }] },
    'all',
    /can never match/,
  ],
  [
    'an empty range of wind',
    { v: 1, all: [{ windAtLeast: 8, when: 'day' }, { not: { windAtLeast: 6 } }] },
    'all',
    /can never match/,
  ],
  ['rain and no rain', { v: 1, all: [{ ...CAT, minSev: 3 }, { not: CAT }] }, 'all', /can never match/],
  [
    'clear and not clear',
    { v: 1, all: [{ cat: 'clear', minSev: 0 }, { not: { cat: 'clear' } }] },
    'all',
    /can never match/,
  ],
  [
    'a large drop, but no small one',
    { v: 1, all: [{ tDrop: 8 }, { not: { tDrop: 5 } }] },
    'all',
    /can never match/,
  ],
  [
    'two different texts on one day',
    {
      v: 1,
      all: [
        { textIn: ['晴'], when: 'day' },
        { textIn: ['阴', '雨'], when: 'day' },
      ],
    },
    'all',
    /can never match/,
  ],
  [
    'a text and a denied list with it',
    { v: 1, all: [{ textIn: ['晴'] }, { not: { textIn: ['阴', '晴'] } }] },
    'all',
    /can never match/,
  ],
  [
    'a word and a denied part of it',
    { v: 1, all: [{ textContains: '暴雨' }, { not: { textContains: '雨' } }] },
    'all',
    /can never match/,
  ],
];

for (const [what, value, path, problem] of [...rejected, ...neverMatching]) {
  test(`rejects ${what}, and names the field "${path}"`, () => {
    const { condition, problems } = checkCondition(value);
    assert.equal(condition, undefined);
    assert.deepEqual([...new Set(problems.map((each) => each.path))], [path]);
    assert.match(problems[0]?.problem ?? '', problem);
  });
}

test('reports every problem, each with its steps', () => {
  const value = { v: 1, any: [{ ...CAT, minSev: 9 }, { tMinBelow: 'cold' }, 5] };
  assert.deepEqual(
    checkCondition(value).problems.map(({ steps }) => steps),
    [
      ['any', 0, 'minSev'],
      ['any', 1, 'tMinBelow'],
      ['any', 2],
    ],
  );
});

test('reports few problems for a condition of very many invalid parts', () => {
  const value = { v: 1, any: Array(100).fill({ any: Array(100).fill(5) }) };
  assert.ok(checkCondition(value).problems.length <= 102);
});

test('the condition with the most texts is checked in under 300 ms', () => {
  // The lists have only their last text in common, so each comparison has to look at all texts.
  const listOf = (clause: number): string[] => [
    ...Array.from({ length: 99 }, (_, at) => `${clause} ${at}`.padEnd(40, 'x')),
    '晴',
  ];
  const condition = {
    v: 1,
    all: Array.from({ length: 99 }, (_, clause) => ({ textIn: listOf(clause), when: 'day' })),
  };
  // A machine that is busy slows single measurements down. So the test fails only if all attempts fail.
  const measured: number[] = [];
  for (let attempt = 0; attempt < 5 && !measured.some((ms) => ms < 300); attempt++) {
    const began = process.cpuUsage();
    assert.deepEqual(checkCondition(condition).problems, []);
    measured.push(process.cpuUsage(began).user / 1_000);
  }
  assert.ok(Math.min(...measured) < 300, measured.join(', '));
});
