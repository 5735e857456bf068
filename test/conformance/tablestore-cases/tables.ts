import type { Case } from '../tablestore-case.ts';
import { expectError, expectParameterInvalid, expectResult, expectSuccess, k, put, table } from './steps.ts';

const noTable = [404, 'OTSObjectNotExist', 'Requested table does not exist.'] as const;

export const tableCases: readonly Case[] = [
  {
    name: 'describing a table returns its definition, also after changes',
    steps: [
      table(
        'tables_described',
        [
          ['city', 'STRING'],
          ['n', 'INTEGER'],
          ['raw', 'BINARY'],
        ],
        {
          timeToLive: 1_200_000,
          maxVersions: 2,
          deviation: 86_401,
        },
      ),
      expectResult(
        { op: 'describeTable', table: 'tables_described' },
        {
          keys: [
            ['city', 'STRING'],
            ['n', 'INTEGER'],
            ['raw', 'BINARY'],
          ],
          timeToLive: 1_200_000,
          maxVersions: 2,
          deviation: 86_401,
        },
      ),
      expectResult(
        { op: 'updateTable', table: 'tables_described', timeToLive: -1, maxVersions: 3, deviation: 86_402 },
        { timeToLive: -1, maxVersions: 3, deviation: 86_402 },
      ),
    ],
  },
  {
    name: 'tables are listed in the order of their names until they are deleted',
    steps: [
      table('tables_b'),
      table('tables_a'),
      expectResult({ op: 'listTable' }, { tables: ['tables_a', 'tables_b'] }),
      expectSuccess({ op: 'deleteTable', table: 'tables_a' }),
      expectResult({ op: 'listTable' }, { tables: ['tables_b'] }),
    ],
  },
  {
    name: 'creating an existing table gets an error, and the table keeps its rows',
    steps: [
      table('tables_twice'),
      put('tables_twice', k('a'), ['c', 'x']),
      expectError(
        { op: 'createTable', table: 'tables_twice', keys: [['other', 'STRING']] },
        ...([409, 'OTSObjectAlreadyExist', 'Requested table already exists.'] as const),
      ),
      expectResult(
        { op: 'getRow', table: 'tables_twice', key: k('a') },
        { row: { key: k('a'), columns: [['c', 'x']] } },
      ),
    ],
  },
  {
    name: 'a table that is created again after its deletion is empty',
    steps: [
      table('tables_again'),
      put('tables_again', k('a'), ['c', 'x']),
      expectSuccess({ op: 'deleteTable', table: 'tables_again' }),
      table('tables_again'),
      expectResult({ op: 'getRow', table: 'tables_again', key: k('a') }, { row: null }),
    ],
  },
  {
    name: 'operations on a missing table get the service’s errors',
    steps: [
      expectError({ op: 'describeTable', table: 'tables_missing' }, ...noTable),
      expectError({ op: 'deleteTable', table: 'tables_missing' }, ...noTable),
      expectError({ op: 'updateTable', table: 'tables_missing', timeToLive: -1, maxVersions: 1 }, ...noTable),
      expectParameterInvalid(
        { op: 'getRow', table: 'tables_missing', key: k('a') },
        'Request table not exist',
      ),
      expectParameterInvalid(
        { op: 'putRow', table: 'tables_missing', key: k('a'), columns: [] },
        'Request table not exist',
      ),
      expectParameterInvalid(
        {
          op: 'batchWriteRow',
          tables: [{ table: 'tables_missing', rows: [{ op: 'put', key: k('a'), columns: [['c', 'x']] }] }],
        },
        'Request table not exist',
      ),
    ],
  },
  {
    name: 'invalid tables get an error',
    steps: [
      ...['0', '#', 'T中文', '3t', '-', 'a'.repeat(256)].map((name) =>
        expectParameterInvalid(
          { op: 'createTable', table: name, keys: [['k', 'STRING']] },
          `Invalid table name: '${name}'.`,
        ),
      ),
      expectParameterInvalid(
        {
          op: 'createTable',
          table: 'tables_bad',
          keys: [
            ['k', 'STRING'],
            ['k', 'INTEGER'],
          ],
        },
        "Duplicated primary key name: 'k'.",
      ),
      expectParameterInvalid(
        {
          op: 'createTable',
          table: 'tables_bad',
          keys: ['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'STRING']),
        },
        'The number of primary key columns must be in range: [1, 4].',
      ),
      expectParameterInvalid(
        { op: 'createTable', table: 'tables_bad', keys: [['k', 'STRING']], timeToLive: 0 },
        'TimeToLive cannot be 0 or less than -1.',
      ),
      expectParameterInvalid(
        { op: 'createTable', table: 'tables_bad', keys: [['k', 'STRING']], maxVersions: 0 },
        'The maximum versions cannot be less than or equal to 0.',
      ),
      expectParameterInvalid(
        { op: 'createTable', table: 'tables_bad', keys: [['k', 'INTEGER', 'AUTO_INCREMENT']] },
        "First primary key can't be auto increment, table: tables_bad.",
      ),
      expectParameterInvalid(
        {
          op: 'createTable',
          table: 'tables_bad',
          keys: [
            ['k', 'STRING'],
            ['n', 'STRING', 'AUTO_INCREMENT'],
          ],
        },
        'AUTO_INCREMENT primary key must be integer.',
      ),
    ],
    unsupportedBy: { python: 'the Python SDK converts options itself' },
  },
];
