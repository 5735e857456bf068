import type { Case, Column, Key } from '../tablestore-case.ts';
import {
  expectError,
  expectParameterInvalid,
  expectResult,
  expectRow,
  expectSuccess,
  int,
  k,
  put,
  table,
} from './steps.ts';

const allTypes: readonly Column[] = [
  ['binary', { bin: 'AAH/gA==' }],
  ['double', { double: 3.14 }],
  ['empty', ''],
  ['int', int(123)],
  ['largest', int(2n ** 63n - 1n)],
  ['no', false],
  ['smallest', int(-(2n ** 63n))],
  ['text', '晴 😀 "quoted"\n'],
  ['yes', true],
];

const longKey: Key = ['a', 'b', 'c', 'd'].map((name) => [name, name.repeat(1_024)]);
const otherLongKey: Key = [...longKey.slice(0, 3), ['d', `${'d'.repeat(1_023)}e`]];
const fourColumns = ['a', 'b', 'c', 'd'].map((name) => [name, 'STRING']);

export const rowCases: readonly Case[] = [
  {
    name: 'a row stores values of every type exactly',
    steps: [
      table('rows_types', [
        ['k', 'STRING'],
        ['n', 'INTEGER'],
        ['raw', 'BINARY'],
      ]),
      put(
        'rows_types',
        [
          ['k', '北京'],
          ['n', int(-5)],
          ['raw', { bin: 'AP8=' }],
        ],
        ...allTypes,
      ),
      expectRow(
        'rows_types',
        [
          ['k', '北京'],
          ['n', int(-5)],
          ['raw', { bin: 'AP8=' }],
        ],
        allTypes,
      ),
    ],
  },
  {
    name: 'a put replaces the whole row, an update only the columns that it names',
    steps: [
      table('rows_replace'),
      put('rows_replace', k('a'), ['one', '1'], ['two', '2']),
      put('rows_replace', k('a'), ['two', 'two']),
      expectRow('rows_replace', k('a'), [['two', 'two']]),
      expectSuccess({ op: 'updateRow', table: 'rows_replace', key: k('a'), put: [['three', '3']] }),
      expectRow('rows_replace', k('a'), [
        ['three', '3'],
        ['two', 'two'],
      ]),
      expectSuccess({
        op: 'updateRow',
        table: 'rows_replace',
        key: k('a'),
        put: [['one', '1']],
        deleteColumns: ['two'],
      }),
      expectRow('rows_replace', k('a'), [
        ['one', '1'],
        ['three', '3'],
      ]),
    ],
  },
  {
    name: 'an update creates a missing row, unless it only deletes',
    steps: [
      table('rows_update'),
      expectSuccess({ op: 'updateRow', table: 'rows_update', key: k('a'), deleteColumns: ['c'] }),
      expectRow('rows_update', k('a'), undefined),
      expectSuccess({ op: 'updateRow', table: 'rows_update', key: k('a'), put: [['c', 'x']] }),
      expectRow('rows_update', k('a'), [['c', 'x']]),
    ],
  },
  {
    name: 'a row without columns still exists, a deleted row does not',
    steps: [
      table('rows_delete'),
      put('rows_delete', k('a'), ['c', 'x']),
      expectSuccess({ op: 'updateRow', table: 'rows_delete', key: k('a'), deleteColumns: ['c'] }),
      expectRow('rows_delete', k('a'), []),
      expectSuccess({ op: 'deleteRow', table: 'rows_delete', key: k('a') }),
      expectRow('rows_delete', k('a'), undefined),
      expectSuccess({ op: 'deleteRow', table: 'rows_delete', key: k('a') }),
    ],
  },
  {
    name: 'a counter is incremented exactly, beyond the integers of JavaScript',
    steps: [
      table('rows_counter'),
      expectSuccess({
        op: 'updateRow',
        table: 'rows_counter',
        key: k('a'),
        increment: [['n', int(2n ** 60n + 1n)]],
      }),
      expectSuccess({ op: 'updateRow', table: 'rows_counter', key: k('a'), increment: [['n', int(-3)]] }),
      expectRow('rows_counter', k('a'), [['n', int(2n ** 60n - 2n)]]),
    ],
  },
  {
    name: 'only the requested columns are read, and a row without any of them is omitted',
    steps: [
      table('rows_columns'),
      put('rows_columns', k('a'), ['one', '1'], ['two', '2']),
      expectResult(
        { op: 'getRow', table: 'rows_columns', key: k('a'), only: ['two', 'three'] },
        { row: { key: k('a'), columns: [['two', '2']] } },
      ),
      expectResult({ op: 'getRow', table: 'rows_columns', key: k('a'), only: ['three'] }, { row: null }),
      expectResult(
        { op: 'getRow', table: 'rows_columns', key: k('a'), only: ['k'] },
        { row: { key: k('a'), columns: [] } },
      ),
    ],
  },
  {
    name: 'keys of the maximum length are distinguished',
    steps: [
      table('rows_long_keys', fourColumns),
      put('rows_long_keys', longKey, ['v', 'one']),
      put('rows_long_keys', otherLongKey, ['v', 'other']),
      expectRow('rows_long_keys', longKey, [['v', 'one']]),
      expectResult(
        {
          op: 'getRange',
          table: 'rows_long_keys',
          start: longKey.map(([name]) => [name, { mark: 'min' }]),
          end: longKey.map(([name]) => [name, { mark: 'max' }]),
        },
        {
          rows: [
            { key: longKey, columns: [['v', 'one']] },
            { key: otherLongKey, columns: [['v', 'other']] },
          ],
          next: null,
        },
      ),
      expectSuccess({ op: 'deleteRow', table: 'rows_long_keys', key: longKey }),
      expectRow('rows_long_keys', longKey, undefined),
      expectRow('rows_long_keys', otherLongKey, [['v', 'other']]),
    ],
  },
  {
    name: 'a key that does not match the table gets an error with the given and the expected value',
    steps: [
      table('rows_keys', [
        ['k', 'STRING'],
        ['n', 'INTEGER'],
      ]),
      ...(['getRow', 'deleteRow'] as const).flatMap((op) => [
        expectError(
          { op, table: 'rows_keys', key: [['k', 'a']] },
          ...([400, 'OTSInvalidPK', 'Validate PK size fail. Input: 1, Meta: 2.'] as const),
        ),
        expectError(
          {
            op,
            table: 'rows_keys',
            key: [
              ['k', 'a'],
              ['m', int(1)],
            ],
          },
          ...([400, 'OTSInvalidPK', 'Validate PK name fail. Input: m, Meta: n.'] as const),
        ),
        expectError(
          {
            op,
            table: 'rows_keys',
            key: [
              ['k', int(1)],
              ['n', int(1)],
            ],
          },
          ...([400, 'OTSInvalidPK', 'Validate PK type fail. Input: VT_INTEGER, Meta: VT_STRING.'] as const),
        ),
        expectParameterInvalid(
          {
            op,
            table: 'rows_keys',
            key: [
              ['k', 'x'.repeat(1_025)],
              ['n', int(1)],
            ],
          },
          "The length of primary key column: 'k' exceeds the MaxLength:1024 with CurrentLength:1025.",
        ),
      ]),
    ],
  },
  {
    name: 'invalid columns get an error, and the row does not change',
    steps: [
      table('rows_refused'),
      put('rows_refused', k('a'), ['c', 'x']),
      expectParameterInvalid(
        { op: 'putRow', table: 'rows_refused', key: k('a'), columns: [['bad name', 'y']] },
        "Invalid column name: 'bad name'.",
      ),
      expectParameterInvalid(
        { op: 'putRow', table: 'rows_refused', key: k('a'), columns: [['k', 'y']] },
        "Duplicated attribute column name with primary key column: 'k'.",
      ),
      expectParameterInvalid(
        { op: 'putRow', table: 'rows_refused', key: k('a'), columns: [['c', 'y'.repeat(2_097_153)]] },
        "The length of attribute column: 'c' exceeds the MaxLength:2097152 with CurrentLength:2097153.",
      ),
      expectParameterInvalid(
        {
          op: 'putRow',
          table: 'rows_refused',
          key: k('a'),
          columns: Array.from({ length: 1_025 }, (_, index) => [`c${index}`, true] as const),
        },
        'The number of attribute columns exceeds the limit, limit count:1024, column count: 1025.',
      ),
      expectParameterInvalid(
        {
          op: 'getRow',
          table: 'rows_refused',
          key: k('a'),
          only: Array.from({ length: 129 }, (_, n) => `c${n}`),
        },
        'The number of columns from the request exceeds the limit, limit count: 128, column count: 129.',
      ),
      expectRow('rows_refused', k('a'), [['c', 'x']]),
    ],
  },
];
