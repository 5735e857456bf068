import type { Case } from '../tablestore-case.ts';
import {
  expectError,
  expectParameterInvalid,
  expectResult,
  expectRow,
  expectSuccess,
  int,
  k,
  table,
} from './steps.ts';

/** Versions must be near the current time. */
const NOW = Date.now();
const [FIRST, SECOND, THIRD] = [NOW - 3_000, NOW - 2_000, NOW - 1_000];

const versionsOf = (name: string) => [
  table(name, [['k', 'STRING']], { maxVersions: 3 }),
  expectSuccess({ op: 'putRow', table: name, key: k('a'), columns: [['c', 'one', FIRST]] } as const),
  expectSuccess({
    op: 'updateRow',
    table: name,
    key: k('a'),
    put: [
      ['c', 'three', THIRD],
      ['c', 'two', SECOND],
    ],
  } as const),
];

export const versionCases: readonly Case[] = [
  {
    name: 'versions of a column are read newest first, as many as requested',
    steps: [
      ...versionsOf('versions_read'),
      expectResult(
        { op: 'getRow', table: 'versions_read', key: k('a'), maxVersions: 2, versions: true },
        {
          row: {
            key: k('a'),
            columns: [
              ['c', 'three', THIRD],
              ['c', 'two', SECOND],
            ],
          },
        },
      ),
      expectResult(
        {
          op: 'getRow',
          table: 'versions_read',
          key: k('a'),
          maxVersions: 3,
          times: [FIRST, THIRD],
          versions: true,
        },
        {
          row: {
            key: k('a'),
            columns: [
              ['c', 'two', SECOND],
              ['c', 'one', FIRST],
            ],
          },
        },
      ),
      expectResult(
        { op: 'getRow', table: 'versions_read', key: k('a'), maxVersions: 3, times: FIRST, versions: true },
        { row: { key: k('a'), columns: [['c', 'one', FIRST]] } },
      ),
    ],
  },
  {
    name: 'a single version can be deleted',
    steps: [
      ...versionsOf('versions_delete'),
      expectSuccess({
        op: 'updateRow',
        table: 'versions_delete',
        key: k('a'),
        deleteVersions: [['c', THIRD]],
      }),
      expectRow('versions_delete', k('a'), [['c', 'two']]),
    ],
  },
  {
    name: 'a table with at most one version keeps the newest version, regardless of the order of writes',
    steps: [
      table('versions_one'),
      expectSuccess({ op: 'updateRow', table: 'versions_one', key: k('a'), put: [['c', 'new', THIRD]] }),
      expectSuccess({ op: 'updateRow', table: 'versions_one', key: k('a'), put: [['c', 'old', FIRST]] }),
      expectRow('versions_one', k('a'), [['c', 'new']]),
    ],
  },
  {
    name: 'an invalid version gets an error',
    steps: [
      table('versions_refused'),
      expectParameterInvalid(
        { op: 'putRow', table: 'versions_refused', key: k('a'), columns: [['c', 'x', -1]] },
        'Timestamp must be in range [0, INT64_MAX/1000).',
      ),
    ],
  },
  {
    name: 'the value of an auto-increment column increases, and the answer contains it',
    steps: [
      table('versions_auto', [
        ['k', 'STRING'],
        ['n', 'INTEGER', 'AUTO_INCREMENT'],
      ]),
      expectSuccess({
        op: 'putRow',
        table: 'versions_auto',
        key: [
          ['k', 'a'],
          ['n', { mark: 'auto' }],
        ],
        columns: [['c', '1']],
      }),
      expectSuccess({
        op: 'putRow',
        table: 'versions_auto',
        key: [
          ['k', 'a'],
          ['n', { mark: 'auto' }],
        ],
        columns: [['c', '2']],
      }),
      expectResult(
        {
          ...{ op: 'getRange', table: 'versions_auto', only: ['c'] },
          start: [
            ['k', 'a'],
            ['n', { mark: 'min' }],
          ],
          end: [
            ['k', 'a'],
            ['n', { mark: 'max' }],
          ],
          filter: { column: 'n', is: '>', value: int(0) },
          limit: 1,
        },
        {
          rows: [
            {
              key: [
                ['k', 'a'],
                ['n', int('*')],
              ],
              columns: [['c', '1']],
            },
          ],
          next: [
            ['k', 'a'],
            ['n', int('*')],
          ],
        },
      ),
      expectParameterInvalid(
        {
          ...{ op: 'putRow', table: 'versions_auto', columns: [['c', '3']], condition: { row: 'exist' } },
          key: [
            ['k', 'a'],
            ['n', { mark: 'auto' }],
          ],
        },
        'Invalid expect: EXPECT_EXIST when modify row with pk auto increment.',
      ),
      expectError(
        {
          op: 'putRow',
          table: 'versions_auto',
          key: [
            ['k', { mark: 'auto' }],
            ['n', int(1)],
          ],
          columns: [['c', '3']],
        },
        ...([400, 'OTSInvalidPK', "Primary key column 'k' is not AUTO_INCREMENT."] as const),
      ),
    ],
  },
];
