import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clause, ConditionNode } from '../../../domain/alerts/condition.ts';
import { evaluateCondition } from '../../../domain/alerts/evaluate-condition.ts';
import type { DayForecast } from '../../../domain/weather/forecast.ts';
import { dayForecast } from './day-forecast.ts';

const DATE = '2026-10-13';
const TODAY = '2026-10-12';

const clauses: readonly (readonly [
  clause: Clause,
  day: Partial<DayForecast>,
  result: boolean | 'unknown',
  /** `field=text` of each value that decided. */
  decidedBy: string,
  severity: number,
])[] = [
  [{ cat: 'rain' }, { dayweather: '小雨' }, true, 'dayweather=小雨', 1],
  [{ cat: 'rain' }, { nightweather: '小雨-中雨' }, true, 'nightweather=小雨-中雨', 2],
  [
    { cat: 'rain' },
    { dayweather: '小雨', nightweather: '暴雨' },
    true,
    'dayweather=小雨 nightweather=暴雨',
    4,
  ],
  [{ cat: 'rain' }, {}, false, 'dayweather=晴 nightweather=多云', 0],
  [{ cat: 'rain', when: 'day' }, { nightweather: '大雨' }, false, 'dayweather=晴', 0],
  [{ cat: 'rain', when: 'night' }, { nightweather: '大雨' }, true, 'nightweather=大雨', 3],
  [{ cat: 'rain', minSev: 3 }, { dayweather: '中雨' }, false, 'dayweather=中雨 nightweather=多云', 0],
  [{ cat: 'rain', minSev: 5 }, { dayweather: '暴雨-大暴雨' }, true, 'dayweather=暴雨-大暴雨', 5],
  [{ cat: 'snow' }, { dayweather: '阵雨夹雪' }, true, 'dayweather=阵雨夹雪', 1],
  [{ cat: 'hail' }, { dayweather: '雷阵雨并伴有冰雹' }, true, 'dayweather=雷阵雨并伴有冰雹', 3],
  [{ cat: 'rain' }, { dayweather: '热带风暴' }, false, 'dayweather=热带风暴 nightweather=多云', 0],
  [{ cat: 'wind' }, { dayweather: '和风' }, false, 'dayweather=和风 nightweather=多云', 0],
  [{ cat: 'wind', minSev: 0 }, { dayweather: '和风' }, true, 'dayweather=和风', 0],
  [{ cat: 'clear' }, {}, true, 'dayweather=晴', 0],
  [{ cat: 'rain' }, { dayweather: '局地强降雨' }, true, 'dayweather=局地强降雨', 3],
  [{ cat: 'rain' }, { dayweather: '' }, 'unknown', 'dayweather=', 0],
  [{ cat: 'rain' }, { dayweather: '未知', nightweather: '小雨' }, true, 'nightweather=小雨', 1],
  [{ cat: 'rain' }, { dayweather: '未知' }, 'unknown', 'dayweather=未知', 0],
  [{ cat: 'rain', when: 'night' }, { dayweather: '' }, false, 'nightweather=多云', 0],
  [{ tMinBelow: 0 }, { nighttemp: '-1' }, true, 'nighttemp=-1', 1],
  [{ tMinBelow: 0 }, { nighttemp: '0' }, false, 'nighttemp=0', 0],
  [{ tMinBelow: 0 }, { nighttemp: '' }, 'unknown', 'nighttemp=', 0],
  [{ tMinBelow: 0 }, { nighttemp: 'cold' }, 'unknown', 'nighttemp=cold', 0],
  [{ tMaxAbove: 35 }, { daytemp: '36' }, true, 'daytemp=36', 1],
  [{ tMaxAbove: 35 }, { daytemp: '35' }, false, 'daytemp=35', 0],
  [{ tMaxAbove: 35 }, { daytemp: '' }, 'unknown', 'daytemp=', 0],
  [{ tMaxAbove: 35.5 }, { daytemp: '35.6' }, true, 'daytemp=35.6', 1],
  [{ windAtLeast: 6 }, { daypower: '6' }, true, 'daypower=6', 1],
  [{ windAtLeast: 6 }, { nightpower: '5-6' }, true, 'nightpower=5-6', 1],
  [{ windAtLeast: 6 }, { daypower: '5' }, false, 'daypower=5 nightpower=1-3', 0],
  [{ windAtLeast: 6, when: 'day' }, { nightpower: '9' }, false, 'daypower=≤3', 0],
  [{ windAtLeast: 3, when: 'day' }, {}, true, 'daypower=≤3', 0],
  [{ windAtLeast: 6 }, { daypower: '' }, 'unknown', 'daypower=', 0],
  [{ windAtLeast: 6, when: 'day' }, { daypower: '7' }, true, 'daypower=7', 2],
  [{ windAtLeast: 5, when: 'day' }, { daypower: '5' }, true, 'daypower=5', 0],
  [{ windAtLeast: 6, when: 'day' }, { daypower: '8' }, true, 'daypower=8', 3],
  [{ windAtLeast: 6, when: 'day' }, { daypower: '9' }, true, 'daypower=9', 3],
  [{ windAtLeast: 6, when: 'day' }, { daypower: '10' }, true, 'daypower=10', 4],
  [{ windAtLeast: 6, when: 'day' }, { daypower: '11' }, true, 'daypower=11', 4],
  [{ windAtLeast: 6, when: 'day' }, { daypower: '12' }, true, 'daypower=12', 5],
  [{ textIn: ['沙尘暴', '冻雨'] }, { nightweather: '冻雨' }, true, 'nightweather=冻雨', 4],
  [{ textIn: ['沙尘暴'] }, { dayweather: '强沙尘暴' }, false, 'dayweather=强沙尘暴 nightweather=多云', 0],
  [{ textIn: ['沙尘暴'], when: 'day' }, { nightweather: '沙尘暴' }, false, 'dayweather=晴', 0],
  [{ textIn: ['沙尘暴'] }, { dayweather: '' }, 'unknown', 'dayweather=', 0],
  [{ textIn: ['未知'] }, { dayweather: '未知' }, true, 'dayweather=未知', 0],
  [{ textContains: '雨', when: 'day' }, { dayweather: '雷阵雨' }, true, 'dayweather=雷阵雨', 2],
  [{ textContains: '雨', when: 'day' }, { nightweather: '雷阵雨' }, false, 'dayweather=晴', 0],
  [{ textContains: '雨' }, { dayweather: '未知' }, 'unknown', 'dayweather=未知', 0],
];

for (const [clause, changes, result, decidedBy, severity] of clauses) {
  test(`${JSON.stringify(clause)} is ${result} for ${JSON.stringify(changes)}, decided by ${decidedBy}`, () => {
    const evaluation = evaluateCondition({ v: 1, ...clause }, dayForecast(DATE, changes));
    assert.equal(evaluation.result, result);
    const [only] = evaluation.clauses;
    assert.deepEqual(
      only?.decidedBy.map(({ date, field, text }) => [date, `${field}=${text}`]),
      decidedBy.split(' ').map((value) => [DATE, value]),
    );
    assert.equal(only?.severity, severity);
    assert.deepEqual(evaluation.decision, { matched: result === true ? ['condition'] : [], severity });
  });
}

const drops: readonly (readonly [
  clause: Clause,
  today: Partial<DayForecast> | undefined,
  result: boolean | 'unknown',
  decidedBy: string,
])[] = [
  [{ tDrop: 8 }, { daytemp: '26' }, true, `${TODAY}.daytemp=26 ${DATE}.daytemp=18`],
  [{ tDrop: 8, of: 'max', vs: 'today' }, { daytemp: '25' }, false, `${TODAY}.daytemp=25 ${DATE}.daytemp=18`],
  [{ tDrop: 8, of: 'min' }, { nighttemp: '19' }, true, `${TODAY}.nighttemp=19 ${DATE}.nighttemp=11`],
  [{ tDrop: 8 }, { daytemp: '8' }, false, `${TODAY}.daytemp=8 ${DATE}.daytemp=18`],
  [{ tDrop: 8 }, { daytemp: '' }, 'unknown', `${TODAY}.daytemp=`],
  [{ tDrop: 8 }, undefined, 'unknown', `${TODAY}.daytemp=`],
];

for (const [clause, today, result, decidedBy] of drops) {
  test(`${JSON.stringify(clause)} is ${result} after a day with ${JSON.stringify(today)}`, () => {
    const before = today && dayForecast(TODAY, today);
    const evaluation = evaluateCondition({ v: 1, ...clause }, dayForecast(DATE), before);
    assert.equal(evaluation.result, result);
    assert.equal(
      evaluation.clauses[0]?.decidedBy.map(({ date, field, text }) => `${date}.${field}=${text}`).join(' '),
      decidedBy,
    );
  });
}

/** On the day below: TRUE is true with severity 4, FALSE is false, and UNKNOWN is unknown. */
const DAY = dayForecast(DATE, { dayweather: '暴雨', daytemp: '' });
const TRUE: Clause = { cat: 'rain' };
const FALSE: Clause = { cat: 'snow' };
const UNKNOWN: Clause = { tMaxAbove: 30 };

const trees: readonly (readonly [
  tree: ConditionNode,
  result: boolean | 'unknown',
  matched: string,
  severity: number,
])[] = [
  [{ any: [UNKNOWN, FALSE, TRUE] }, true, 'any[2]', 4],
  [{ any: [FALSE, UNKNOWN] }, 'unknown', '', 0],
  [{ any: [UNKNOWN, UNKNOWN] }, 'unknown', '', 0],
  [{ any: [FALSE, FALSE] }, false, '', 0],
  [{ all: [TRUE, { windAtLeast: 3 }] }, true, 'all[0] all[1]', 4],
  [{ all: [TRUE, UNKNOWN] }, 'unknown', '', 0],
  [{ all: [UNKNOWN, FALSE] }, false, '', 0],
  [{ not: FALSE }, true, 'not', 0],
  [{ not: TRUE }, false, '', 0],
  [{ not: UNKNOWN }, 'unknown', '', 0],
  [{ not: { not: TRUE } }, true, 'not.not', 4],
  [
    { all: [TRUE, { not: { any: [FALSE, { cat: 'fog' }] } }] },
    true,
    'all[0] all[1].not.any[0] all[1].not.any[1]',
    4,
  ],
  [{ not: { all: [TRUE, FALSE] } }, true, 'not.all[1]', 0],
  [{ any: [{ all: [TRUE, FALSE] }, { windAtLeast: 1, when: 'day' }] }, true, 'any[1]', 0],
];

for (const [tree, result, matched, severity] of trees) {
  test(`${JSON.stringify(tree)} is ${result}, matched by "${matched}"`, () => {
    const evaluation = evaluateCondition({ v: 1, ...tree }, DAY);
    assert.equal(evaluation.result, result);
    assert.deepEqual(evaluation.decision, { matched: matched.split(' ').filter(Boolean), severity });
  });
}

test('lists every clause with its id, in the order of the condition', () => {
  const { clauses: results } = evaluateCondition(
    { v: 1, any: [TRUE, { all: [FALSE, { not: UNKNOWN }] }] },
    DAY,
  );
  assert.deepEqual(
    results.map(({ id, clause, result }) => [id, clause, result]),
    [
      ['any[0]', TRUE, true],
      ['any[1].all[0]', FALSE, false],
      ['any[1].all[1].not', UNKNOWN, 'unknown'],
    ],
  );
});
