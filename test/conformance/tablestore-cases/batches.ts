import type { BatchedWrite, Case } from '../tablestore-case.ts';
import {
  conditionFailed,
  expectParameterInvalid,
  expectResult,
  expectRow,
  expectSuccess,
  int,
  k,
  put,
  rowFailure,
  table,
} from './steps.ts';

const puts = (count: number): BatchedWrite[] =>
  Array.from({ length: count }, (_, index) => ({
    op: 'put',
    key: k(`k${index}`),
    columns: [['n', int(index)]],
  }));

export const batchCases: readonly Case[] = [
  {
    name: 'each row of a batch has its own result, in the order of the request',
    steps: [
      table('batches_a'),
      table('batches_b'),
      put('batches_a', k('there'), ['c', 'x']),
      expectResult(
        {
          op: 'batchWriteRow',
          tables: [
            {
              table: 'batches_a',
              rows: [
                { op: 'put', key: k('new'), columns: [['c', 'y']], condition: { row: 'absent' } },
                { op: 'put', key: k('there'), columns: [['c', 'y']], condition: { row: 'absent' } },
                { op: 'update', key: k('updated'), put: [['c', 'z']] },
                { op: 'delete', key: k('missing'), condition: { row: 'exist' } },
              ],
            },
            { table: 'batches_b', rows: [{ op: 'put', key: k('b'), columns: [['c', 'b']] }] },
          ],
        },
        {
          rows: [
            { ok: true },
            rowFailure(conditionFailed),
            { ok: true },
            rowFailure(conditionFailed),
            { ok: true },
          ],
        },
      ),
      expectResult(
        {
          op: 'batchGetRow',
          tables: [
            { table: 'batches_a', keys: [k('there'), k('none'), k('new')] },
            { table: 'batches_b', keys: [k('b')] },
          ],
        },
        {
          rows: [
            { ok: true, row: { key: k('there'), columns: [['c', 'x']] } },
            { ok: true, row: null },
            { ok: true, row: { key: k('new'), columns: [['c', 'y']] } },
            { ok: true, row: { key: k('b'), columns: [['c', 'b']] } },
          ],
        },
      ),
      expectRow('batches_a', k('updated'), [['c', 'z']]),
    ],
  },
  {
    name: 'if a key does not match the table, only the row with this key fails',
    steps: [
      table('batches_keys'),
      expectResult(
        {
          op: 'batchWriteRow',
          tables: [
            {
              table: 'batches_keys',
              rows: [
                { op: 'put', key: [['other', 'a']], columns: [['c', 'x']] },
                { op: 'put', key: k('b'), columns: [['c', 'x']] },
              ],
            },
          ],
        },
        {
          rows: [
            rowFailure({ code: 'OTSInvalidPK', message: 'Validate PK name fail. Input: other, Meta: k.' }),
            { ok: true },
          ],
        },
      ),
      expectRow('batches_keys', k('b'), [['c', 'x']]),
    ],
  },
  {
    name: 'a batch can have 200 rows, a larger one fails as a whole',
    steps: [
      table('batches_size'),
      expectParameterInvalid(
        { op: 'batchWriteRow', tables: [{ table: 'batches_size', rows: puts(201) }] },
        'Rows count exceeds the upper limit: 200.',
      ),
      expectRow('batches_size', k('k0'), undefined),
      expectSuccess({ op: 'batchWriteRow', tables: [{ table: 'batches_size', rows: puts(200) }] }),
      expectRow('batches_size', k('k199'), [['n', int(199)]]),
      expectParameterInvalid(
        {
          op: 'batchGetRow',
          tables: [{ table: 'batches_size', keys: Array.from({ length: 101 }, (_, n) => k(`k${n}`)) }],
        },
        'Rows count exceeds the upper limit: 100.',
      ),
    ],
  },
  {
    name: 'a batch with an invalid row fails as a whole',
    steps: [
      table('batches_whole'),
      expectParameterInvalid(
        {
          op: 'batchWriteRow',
          tables: [
            {
              table: 'batches_whole',
              rows: [
                { op: 'put', key: k('a'), columns: [['c', 'x']] },
                { op: 'put', key: k('b'), columns: [['bad name', 'x']] },
              ],
            },
          ],
        },
        "Invalid column name: 'bad name'.",
      ),
      expectParameterInvalid(
        {
          op: 'batchWriteRow',
          tables: [
            {
              table: 'batches_whole',
              rows: [
                { op: 'put', key: k('a'), columns: [['c', 'x']] },
                { op: 'put', key: k('a'), columns: [['c', 'y']], condition: { row: 'absent' } },
              ],
            },
          ],
        },
        'Repeated rows do not support row exist expectation check in BatchModify.',
      ),
      expectRow('batches_whole', k('a'), undefined),
    ],
  },
  {
    name: 'a batch that lists a table twice fails as a whole',
    steps: [
      table('batches_twice'),
      expectParameterInvalid(
        {
          op: 'batchWriteRow',
          tables: [
            { table: 'batches_twice', rows: puts(1) },
            { table: 'batches_twice', rows: puts(1) },
          ],
        },
        "Duplicated table name: 'batches_twice'.",
      ),
    ],
    unsupportedBy: { python: 'batches of the Python SDK can list a table only once' },
  },
];
