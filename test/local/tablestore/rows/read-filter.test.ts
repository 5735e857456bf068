import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type RowFilter,
  readConditionFilter,
  readFilter,
} from '../../../../local/tablestore/rows/read-filter.ts';
import { OtsError } from '../../../../ots/errors.ts';
import { message } from '../../../../ots/wire/message.ts';
import { encodeVariant } from '../../../../ots/wire/plain-buffer-writer.ts';

const leaf = message('Filter').encode({
  type: 'FT_SINGLE_COLUMN_VALUE',
  filter: message('SingleColumnValueFilter').encode({
    comparator: 'CT_EQUAL',
    columnName: 'a',
    columnValue: encodeVariant('x'),
    filterIfMissing: true,
    latestVersionOnly: true,
  }),
});

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];

/** Encodes a length-delimited field with these bytes. */
const field = (number: number, pieces: readonly Buffer[]): Buffer[] => {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [Buffer.from([(number << 3) | 2, ...varint(length)]), ...pieces];
};

const combinators = { NOT: 1, AND: 2, OR: 3 } as const;

/** Encodes a composite filter by hand. The normal encoder cannot nest as deeply as a malicious client can. */
const composite = (combinator: keyof typeof combinators, subFilters: readonly Buffer[]): Buffer => {
  const inner = [
    Buffer.from([0x08, combinators[combinator]]),
    ...subFilters.flatMap((each) => field(2, [each])),
  ];
  return Buffer.concat([Buffer.from([0x08, 0x02]), ...field(2, inner)]);
};

/** Encodes one comparison within `count` NOTs, without copying it for each of them. */
function nots(count: number): Buffer {
  const pieces = [leaf];
  let length = leaf.length;
  for (let each = 0; each < count; each++) {
    const inner = [0x08, 0x01, 0x12, ...varint(length)];
    const head = Buffer.from([0x08, 0x02, 0x12, ...varint(inner.length + length), ...inner]);
    pieces.push(head);
    length += head.length;
  }
  return Buffer.concat(pieces.reverse());
}

/** Encodes a binary tree of comparisons, as the vendor's clients do for `a && b && c …`. */
const chain = (comparisons: number): Buffer =>
  Array.from({ length: comparisons - 1 }).reduce<Buffer>((before) => composite('AND', [before, leaf]), leaf);

const flat = (comparisons: number): Buffer =>
  composite(
    'OR',
    Array.from({ length: comparisons }, () => leaf),
  );

const half = composite('OR', [flat(16), flat(17)]);
const malformedFilter = Buffer.from([0xff]);

/** A field that no filter message has. */
const unknown = Buffer.from([0x98, 0x06, 0x01]);

const invalidFilters: readonly (readonly [name: string, bytes: Buffer, sentence: RegExp])[] = [
  ['33 comparisons side by side', flat(33), /^The count of filter exceeds the max:32\.$/],
  ['33 comparisons in two groups', half, /^The count of filter exceeds the max:32\.$/],
  ['150,000 comparisons', flat(150_000), /^The count of filter exceeds the max:32\.$/],
  [
    'too many comparisons before a malformed one',
    composite('OR', [...Array.from({ length: 40 }, () => leaf), malformedFilter]),
    /^The count of filter exceeds the max:32\.$/,
  ],
  ['32 NOTs around a comparison', nots(32), /^The depth of filter exceeds the max:32\.$/],
  ['20,000 NOTs around a comparison', nots(20_000), /^The depth of filter exceeds the max:32\.$/],
  ['200,000 NOTs around a comparison', nots(200_000), /^The depth of filter exceeds the max:32\.$/],
  [
    'a malformed comparison inside 40 NOTs, more than the maximum depth',
    Array.from({ length: 40 }).reduce<Buffer>((before) => composite('NOT', [before]), malformedFilter),
    /^The depth of filter exceeds the max:32\.$/,
  ],
  [
    'a filter with many unknown fields',
    Buffer.concat([leaf, ...Array.from({ length: 100_000 }, () => unknown)]),
    /^Deserialize filter failed: it has more than 97 fields\.$/,
  ],
  [
    'a NOT with two sub-filters',
    composite('NOT', [leaf, leaf]),
    /^Invalid NOT operator: the number of sub-filters must be 1\.$/,
  ],
];

for (const read of [readFilter, readConditionFilter])
  test(`${read.name} throws a clear error for an invalid filter, or one with more than 32 levels or comparisons, at any size`, () => {
    for (const [name, bytes, sentence] of invalidFilters)
      assert.throws(
        () => read(bytes),
        (error) => {
          assert.ok(error instanceof OtsError, `${name}: ${error}`);
          assert.deepEqual([error.code, error.status], ['OTSParameterInvalid', 400], name);
          assert.match(error.message, sentence, name);
          return true;
        },
      );
  });

const comparisonsIn = (filter: RowFilter): number =>
  filter.kind === 'column' ? 1 : filter.filters.reduce((sum, each) => sum + comparisonsIn(each), 0);

test('accepts 32 comparisons in one list, in a chain or in groups', () => {
  for (const [bytes, count] of [
    [flat(32), 32],
    [chain(32), 32],
    [composite('OR', [flat(16), flat(16)]), 32],
    [nots(31), 1],
  ] as const)
    assert.equal(comparisonsIn(readConditionFilter(bytes)), count);
});
