import type { Case, Condition, Filter } from '../tablestore-case.ts';
import {
  conditionFailed,
  expectError,
  expectResult,
  expectRow,
  expectSuccess,
  int,
  k,
  put,
  table,
} from './steps.ts';

const conditionFailedError = [403, conditionFailed.code, conditionFailed.message] as const;

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

const putWithCondition = (name: string, condition: Condition) =>
  ({ op: 'putRow', table: name, key: k('a'), columns: [['c', 'new']], condition }) as const;

export const conditionCases: readonly Case[] = [
  {
    name: 'a write that expects a row fails if the row does not exist, and a write that expects no row fails if it exists',
    steps: [
      table('conditions_row'),
      expectError(putWithCondition('conditions_row', { row: 'exist' }), ...conditionFailedError),
      expectError(
        {
          op: 'updateRow',
          table: 'conditions_row',
          key: k('a'),
          put: [['c', 'x']],
          condition: { row: 'exist' },
        },
        ...conditionFailedError,
      ),
      expectError(
        { op: 'deleteRow', table: 'conditions_row', key: k('a'), condition: { row: 'exist' } },
        ...conditionFailedError,
      ),
      expectSuccess(putWithCondition('conditions_row', { row: 'absent' })),
      expectError(putWithCondition('conditions_row', { row: 'absent' }), ...conditionFailedError),
      expectSuccess({ op: 'deleteRow', table: 'conditions_row', key: k('a'), condition: { row: 'exist' } }),
      expectRow('conditions_row', k('a'), undefined),
    ],
  },
  {
    name: 'a write with a column condition succeeds only if the condition is met',
    steps: [
      table('conditions_column'),
      put('conditions_column', k('a'), ['hash', 'one']),
      expectError(
        putWithCondition('conditions_column', { filter: { column: 'hash', is: '!=', value: 'one' } }),
        ...conditionFailedError,
      ),
      expectRow('conditions_column', k('a'), [['hash', 'one']]),
      expectSuccess(
        putWithCondition('conditions_column', { filter: { column: 'hash', is: '!=', value: 'two' } }),
      ),
      expectRow('conditions_column', k('a'), [['c', 'new']]),
    ],
  },
  {
    name: 'passIfMissing decides about a column condition if the row does not exist',
    steps: [
      table('conditions_missing'),
      expectError(
        putWithCondition('conditions_missing', {
          filter: { column: 'c', is: '=', value: 'x', passIfMissing: false },
        }),
        ...conditionFailedError,
      ),
      expectSuccess(
        putWithCondition('conditions_missing', {
          filter: { column: 'c', is: '=', value: 'x', passIfMissing: true },
        }),
      ),
      expectRow('conditions_missing', k('a'), [['c', 'new']]),
    ],
  },
  {
    name: 'a filter returns only matching rows',
    steps: [
      table('conditions_filter'),
      put('conditions_filter', k('a'), ['n', int(5)], ['text', 'n']),
      ...filters.map(([filter, passes]) =>
        expectResult(
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
