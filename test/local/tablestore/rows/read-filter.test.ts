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

/** A field whose value is these bytes. */
const field = (number: number, pieces: readonly Buffer[]): Buffer[] => {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [Buffer.from([(number << 3) | 2, ...varint(length)]), ...pieces];
};

const combinators = { NOT: 1, AND: 2, OR: 3 } as const;

/** A composite filter, byte by byte: our own writer could not nest as deep as a hostile client can. */
const composite = (combinator: keyof typeof combinators, subFilters: readonly Buffer[]): Buffer => {
  const inner = [
    Buffer.from([0x08, combinators[combinator]]),
    ...subFilters.flatMap((each) => field(2, [each])),
  ];
  return Buffer.concat([Buffer.from([0x08, 0x02]), ...field(2, inner)]);
};

/** One comparison within so many NOTs; copied once, not once for each of them. */
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

/** Comparisons joined two by two: the shape of `a && b && c …` in the vendor's clients. */
const chain = (comparisons: number): Buffer =>
  Array.from({ length: comparisons - 1 }).reduce<Buffer>((before) => composite('AND', [before, leaf]), leaf);

const flat = (comparisons: number): Buffer =>
  composite(
    'OR',
    Array.from({ length: comparisons }, () => leaf),
  );

const half = composite('OR', [flat(16), flat(17)]);
const notAFilter = Buffer.from([0xff]);

/** A field that no message of filters has. */
const unknown = Buffer.from([0x98, 0x06, 0x01]);

const refused: readonly (readonly [what: string, bytes: Buffer, sentence: RegExp])[] = [
  ['33 comparisons side by side', flat(33), /^The count of filter exceeds the max:32\.$/],
  ['33 comparisons in two groups', half, /^The count of filter exceeds the max:32\.$/],
  ['150,000 comparisons', flat(150_000), /^The count of filter exceeds the max:32\.$/],
  [
    'more comparisons than may be, before one that cannot be read',
    composite('OR', [...Array.from({ length: 40 }, () => leaf), notAFilter]),
    /^The count of filter exceeds the max:32\.$/,
  ],
  ['32 NOTs around a comparison', nots(32), /^The depth of filter exceeds the max:32\.$/],
  ['20,000 NOTs around a comparison', nots(20_000), /^The depth of filter exceeds the max:32\.$/],
  ['200,000 NOTs around a comparison', nots(200_000), /^The depth of filter exceeds the max:32\.$/],
  [
    'a comparison that cannot be read, deeper than filters may be',
    Array.from({ length: 40 }).reduce<Buffer>((before) => composite('NOT', [before]), notAFilter),
    /^The depth of filter exceeds the max:32\.$/,
  ],
  [
    'a filter with many fields that are not known',
    Buffer.concat([leaf, ...Array.from({ length: 100_000 }, () => unknown)]),
    /^Deserialize filter failed: it has more than 97 fields\.$/,
  ],
  [
    'a NOT of two',
    composite('NOT', [leaf, leaf]),
    /^Invalid NOT operator: the number of sub-filters must be 1\.$/,
  ],
];

for (const read of [readFilter, readConditionFilter])
  test(`${read.name} refuses in a sentence what is deeper or more than 32, however much it is`, () => {
    for (const [what, bytes, sentence] of refused)
      assert.throws(
        () => read(bytes),
        (error) => {
          assert.ok(error instanceof OtsError, `${what}: ${error}`);
          assert.deepEqual([error.code, error.status], ['OTSParameterInvalid', 400], what);
          assert.match(error.message, sentence, what);
          return true;
        },
      );
  });

const comparisonsIn = (filter: RowFilter): number =>
  filter.kind === 'column' ? 1 : filter.filters.reduce((sum, each) => sum + comparisonsIn(each), 0);

test('32 comparisons are taken, side by side, two by two or in groups, and as deep as that makes them', () => {
  for (const [bytes, count] of [
    [flat(32), 32],
    [chain(32), 32],
    [composite('OR', [flat(16), flat(16)]), 32],
    [nots(31), 1],
  ] as const)
    assert.equal(comparisonsIn(readConditionFilter(bytes)), count);
});
