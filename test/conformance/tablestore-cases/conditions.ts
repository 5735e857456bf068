import type { Case, Condition, Filter } from '../tablestore-case.ts';
import { conditionFailed, does, gives, holds, int, k, put, refused, table } from './steps.ts';

const fails = [403, conditionFailed.code, conditionFailed.message] as const;

const column = (name: string, is: '=' | '!=' | '>' | '>=' | '<' | '<=', value: number): Filter => ({
  column: name,
  is,
  value: int(value),
  passIfMissing: false,
});

/** Filters, and whether a row with n = 5 matches. */
const filters: readonly (readonly [Filter, boolean])[] = [
  [column('n', '=', 5), true],
  [column('n', '=', 6), false],
  [column('n', '!=', 6), true],
  [column('n', '!=', 5), false],
  [column('n', '>', 4), true],
  [column('n', '>', 5), false],
  [column('n', '>=', 5), true],
  [column('n', '<', 6), true],
  [column('n', '<', 5), false],
  [column('n', '<=', 4), false],
  [column('missing', '=', 5), false],
  [{ column: 'missing', is: '=', value: int(5), passIfMissing: true }, true],
  [{ column: 'k', is: '=', value: 'a', passIfMissing: false }, true],
  [{ column: 'text', is: '>', value: 'm', passIfMissing: false }, true],
  [{ and: [column('n', '>', 4), column('n', '<', 6)] }, true],
  [{ and: [column('n', '>', 4), column('n', '<', 5)] }, false],
  [{ or: [column('n', '>', 9), column('n', '<', 6)] }, true],
  [{ or: [column('n', '>', 9), column('n', '<', 5)] }, false],
  [{ not: [column('n', '=', 5)] }, false],
  [{ and: [{ not: [column('n', '=', 6)] }, { or: [column('n', '=', 1), column('n', '=', 5)] }] }, true],
];

const changed = (name: string, condition: Condition) =>
  ({ op: 'putRow', table: name, key: k('a'), columns: [['c', 'new']], condition }) as const;

export const conditionCases: readonly Case[] = [
  {
    name: 'a write that expects the row to exist, or not to exist, fails otherwise',
    steps: [
      table('conditions_row'),
      refused(changed('conditions_row', { row: 'exist' }), ...fails),
      refused(
        {
          op: 'updateRow',
          table: 'conditions_row',
          key: k('a'),
          put: [['c', 'x']],
          condition: { row: 'exist' },
        },
        ...fails,
      ),
      refused(
        { op: 'deleteRow', table: 'conditions_row', key: k('a'), condition: { row: 'exist' } },
        ...fails,
      ),
      does(changed('conditions_row', { row: 'absent' })),
      refused(changed('conditions_row', { row: 'absent' }), ...fails),
      does({ op: 'deleteRow', table: 'conditions_row', key: k('a'), condition: { row: 'exist' } }),
      holds('conditions_row', k('a'), undefined),
    ],
  },
  {
    name: 'a write with a column condition succeeds only if the condition is met',
    steps: [
      table('conditions_column'),
      put('conditions_column', k('a'), ['hash', 'one']),
      refused(changed('conditions_column', { filter: { column: 'hash', is: '!=', value: 'one' } }), ...fails),
      holds('conditions_column', k('a'), [['hash', 'one']]),
      does(changed('conditions_column', { filter: { column: 'hash', is: '!=', value: 'two' } })),
      holds('conditions_column', k('a'), [['c', 'new']]),
    ],
  },
  {
    name: 'passIfMissing decides about a column condition if the row does not exist',
    steps: [
      table('conditions_missing'),
      refused(
        changed('conditions_missing', { filter: { column: 'c', is: '=', value: 'x', passIfMissing: false } }),
        ...fails,
      ),
      does(
        changed('conditions_missing', { filter: { column: 'c', is: '=', value: 'x', passIfMissing: true } }),
      ),
      holds('conditions_missing', k('a'), [['c', 'new']]),
    ],
  },
  {
    name: 'a filter returns only matching rows',
    steps: [
      table('conditions_filter'),
      put('conditions_filter', k('a'), ['n', int(5)], ['text', 'n']),
      ...filters.map(([filter, passes]) =>
        gives(
          { op: 'getRow', table: 'conditions_filter', key: k('a'), filter },
          {
            row: passes
              ? {
                  key: k('a'),
                  columns: [
                    ['n', int(5)],
                    ['text', 'n'],
                  ],
                }
              : null,
          },
        ),
      ),
    ],
  },
];
