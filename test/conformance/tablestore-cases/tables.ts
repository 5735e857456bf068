import type { Case } from '../tablestore-case.ts';
import { does, gives, invalid, k, put, refused, table } from './steps.ts';

const noTable = [404, 'OTSObjectNotExist', 'Requested table does not exist.'] as const;

export const tableCases: readonly Case[] = [
  {
    name: 'describing a table returns its definition and its changes',
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
      gives(
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
      gives(
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
      gives({ op: 'listTable' }, { tables: ['tables_a', 'tables_b'] }),
      does({ op: 'deleteTable', table: 'tables_a' }),
      gives({ op: 'listTable' }, { tables: ['tables_b'] }),
    ],
  },
  {
    name: 'creating an existing table gets an error, and the table keeps its rows',
    steps: [
      table('tables_twice'),
      put('tables_twice', k('a'), ['c', 'x']),
      refused(
        { op: 'createTable', table: 'tables_twice', keys: [['other', 'STRING']] },
        ...([409, 'OTSObjectAlreadyExist', 'Requested table already exists.'] as const),
      ),
      gives(
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
      does({ op: 'deleteTable', table: 'tables_again' }),
      table('tables_again'),
      gives({ op: 'getRow', table: 'tables_again', key: k('a') }, { row: null }),
    ],
  },
  {
    name: 'operations on a missing table get the service’s errors',
    steps: [
      refused({ op: 'describeTable', table: 'tables_missing' }, ...noTable),
      refused({ op: 'deleteTable', table: 'tables_missing' }, ...noTable),
      refused({ op: 'updateTable', table: 'tables_missing', timeToLive: -1, maxVersions: 1 }, ...noTable),
      invalid({ op: 'getRow', table: 'tables_missing', key: k('a') }, 'Request table not exist'),
      invalid({ op: 'putRow', table: 'tables_missing', key: k('a'), columns: [] }, 'Request table not exist'),
      invalid(
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
        invalid(
          { op: 'createTable', table: name, keys: [['k', 'STRING']] },
          `Invalid table name: '${name}'.`,
        ),
      ),
      invalid(
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
      invalid(
        {
          op: 'createTable',
          table: 'tables_bad',
          keys: ['a', 'b', 'c', 'd', 'e'].map((name) => [name, 'STRING']),
        },
        'The number of primary key columns must be in range: [1, 4].',
      ),
      invalid(
        { op: 'createTable', table: 'tables_bad', keys: [['k', 'STRING']], timeToLive: 0 },
        'TimeToLive cannot be 0 or less than -1.',
      ),
      invalid(
        { op: 'createTable', table: 'tables_bad', keys: [['k', 'STRING']], maxVersions: 0 },
        'The maximum versions cannot be less than or equal to 0.',
      ),
      invalid(
        { op: 'createTable', table: 'tables_bad', keys: [['k', 'INTEGER', 'AUTO_INCREMENT']] },
        "First primary key can't be auto increment, table: tables_bad.",
      ),
      invalid(
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
    notBy: { python: 'it converts options itself' },
  },
];
