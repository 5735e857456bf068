import type { Case, Key } from '../tablestore-case.ts';
import { expectParameterInvalid, expectResult, int, put, table } from './steps.ts';

const keys = [
  ['city', 'STRING'],
  ['day', 'INTEGER'],
] as const;

const key = (city: string, day: number): Key => [
  ['city', city],
  ['day', int(day)],
];

const boundaryKey = (mark: 'min' | 'max', city?: string): Key => [
  ['city', city ?? { mark }],
  ['day', { mark }],
];

const row = (city: string, day: number) => ({ key: key(city, day), columns: [['c', `${city}${day}`]] });

const rowsOf = (name: string) =>
  [
    ['a', -2],
    ['a', -1],
    ['a', 10],
    ['ab', 0],
    ['b', 1],
    ['b', 2],
  ].map(([city, day]) => put(name, key(String(city), Number(day)), ['c', `${city}${day}`]));

const inOrder = [row('a', -2), row('a', -1), row('a', 10), row('ab', 0), row('b', 1), row('b', 2)];

export const rangeCases: readonly Case[] = [
  {
    name: 'a range is read in key order, forwards and backwards',
    steps: [
      table('ranges_order', keys),
      ...rowsOf('ranges_order'),
      expectResult(
        { op: 'getRange', table: 'ranges_order', start: boundaryKey('min'), end: boundaryKey('max') },
        { rows: inOrder, next: null },
      ),
      expectResult(
        {
          op: 'getRange',
          table: 'ranges_order',
          direction: 'BACKWARD',
          start: boundaryKey('max'),
          end: boundaryKey('min'),
        },
        { rows: inOrder.toReversed(), next: null },
      ),
      expectResult(
        {
          op: 'getRange',
          table: 'ranges_order',
          start: boundaryKey('min', 'a'),
          end: boundaryKey('max', 'a'),
        },
        { rows: inOrder.slice(0, 3), next: null },
      ),
    ],
  },
  {
    name: 'a range includes its start and excludes its end, in both directions',
    steps: [
      table('ranges_ends', keys),
      ...rowsOf('ranges_ends'),
      expectResult(
        { op: 'getRange', table: 'ranges_ends', start: key('a', -1), end: key('b', 1) },
        { rows: inOrder.slice(1, 4), next: null },
      ),
      expectResult(
        {
          op: 'getRange',
          table: 'ranges_ends',
          direction: 'BACKWARD',
          start: key('b', 1),
          end: key('a', -1),
        },
        { rows: inOrder.slice(2, 5).toReversed(), next: null },
      ),
    ],
  },
  {
    name: 'a full page has the start key of the next page',
    steps: [
      table('ranges_pages', keys),
      ...rowsOf('ranges_pages'),
      expectResult(
        {
          op: 'getRange',
          table: 'ranges_pages',
          start: boundaryKey('min'),
          end: boundaryKey('max'),
          limit: 4,
        },
        { rows: inOrder.slice(0, 4), next: key('b', 1) },
      ),
      expectResult(
        { op: 'getRange', table: 'ranges_pages', start: key('b', 1), end: boundaryKey('max'), limit: 4 },
        { rows: inOrder.slice(4), next: null },
      ),
      expectResult(
        {
          ...{ op: 'getRange', table: 'ranges_pages', direction: 'BACKWARD', limit: 4 },
          ...{ start: boundaryKey('max'), end: boundaryKey('min') },
        },
        { rows: inOrder.slice(2).toReversed(), next: key('a', -1) },
      ),
    ],
  },
  {
    name: 'a range returns the requested columns of the matching rows',
    steps: [
      table('ranges_filter', keys),
      ...rowsOf('ranges_filter'),
      expectResult(
        {
          ...{
            op: 'getRange',
            table: 'ranges_filter',
            start: boundaryKey('min'),
            end: boundaryKey('max'),
            only: ['c'],
          },
          filter: { column: 'c', is: '>=', value: 'b', passIfMissing: false },
        },
        { rows: inOrder.slice(4), next: null },
      ),
      expectResult(
        {
          op: 'getRange',
          table: 'ranges_filter',
          start: boundaryKey('min'),
          end: boundaryKey('max'),
          only: ['missing'],
        },
        { rows: [], next: null },
      ),
    ],
  },
  {
    name: 'invalid ranges get an error',
    steps: [
      table('ranges_refused', keys),
      ...[key('a', 1), key('b', 0)].map((start) =>
        expectParameterInvalid(
          { op: 'getRange', table: 'ranges_refused', start, end: key('a', 1) },
          'Begin key must less than end key in FORWARD',
        ),
      ),
      expectParameterInvalid(
        {
          op: 'getRange',
          table: 'ranges_refused',
          direction: 'BACKWARD',
          start: key('a', 1),
          end: key('b', 1),
        },
        'Begin key must more than end key in BACKWARD',
      ),
      expectParameterInvalid(
        {
          op: 'getRange',
          table: 'ranges_refused',
          start: boundaryKey('min'),
          end: boundaryKey('max'),
          limit: -1,
        },
        'The limit must be greater than 0.',
      ),
    ],
  },
];
