import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOCAL_HEADER_MAX_BYTES } from '../../../domain/zip/local-header.ts';
import { type Part, type PlacedFile, splitParts } from '../../../domain/zip/split-parts.ts';

const MIB = 1024 * 1024;
const budget = { inputBytes: 4 * MIB, outputBytes: 16 * MIB, entries: 100 };
const RECORD = 60;

interface Sizes {
  readonly compressed: number;
  readonly size?: number;
  /** Unneeded bytes in front of this file. */
  readonly gap?: number;
}

/** Consecutive files, with local headers of 40 bytes. */
function placeFiles(sizes: readonly Sizes[]): { files: PlacedFile[]; dataLimit: number } {
  let offset = 0;
  const files = sizes.map(({ compressed, size = compressed, gap = 0 }, index) => {
    const file = {
      ...{ recordAt: index * RECORD, recordLength: RECORD, localHeaderAt: offset + gap },
      ...{ compressedSize: compressed, size },
    };
    offset += gap + 40 + compressed;
    return file;
  });
  return { files, dataLimit: offset };
}

function split(sizes: readonly Sizes[]): { parts: Part[]; files: PlacedFile[]; dataLimit: number } {
  const { files, dataLimit } = placeFiles(sizes);
  const totalInput = files.reduce((sum, { compressedSize }) => sum + compressedSize, 0);
  return {
    parts: [...splitParts(files, { budget, dataLimit, totalInput, totalOutput: 0 })],
    files,
    dataLimit,
  };
}

const many = (count: number, file: Sizes): Sizes[] => Array.from({ length: count }, () => file);

const rows: readonly (readonly [
  name: string,
  sizes: readonly Sizes[],
  files: readonly number[],
  big?: readonly number[],
])[] = [
  ['makes no part without files', [], []],
  ['makes one part of files that fit', many(100, { compressed: 10 }), [100]],
  ['limits the entries of a part', many(250, { compressed: 10 }), [100, 100, 50]],
  ['counts empty files as entries', many(101, { compressed: 0 }), [100, 1]],
  ['limits the compressed bytes of a part', many(4, { compressed: 1.5 * MIB }), [2, 2]],
  ['limits the uncompressed bytes of a part', many(4, { compressed: 10, size: 6 * MIB }), [2, 2]],
  ['ends a part at a gap', [{ compressed: 10 }, { compressed: 10, gap: 2 * MIB }], [1, 1]],
  [
    'makes a part of its own for a file over the limit',
    [{ compressed: 10 }, { compressed: 10, size: 17 * MIB }, { compressed: 10 }],
    [1, 1, 1],
    [1],
  ],
  [
    'makes a part of its own for a file with too many compressed bytes',
    [{ compressed: 5 * MIB }, { compressed: 10 }],
    [1, 1],
    [0],
  ],
];

for (const [name, sizes, expected, big = []] of rows) {
  test(`parts: ${name}`, () => {
    const { parts } = split(sizes);
    assert.deepEqual(
      parts.map(({ files }) => files),
      expected,
    );
    assert.deepEqual(
      parts.filter((part) => part.big).map(({ index }) => index),
      big,
    );
  });
}

test('puts every file with its data into one part, in order, within the limits, whatever the sizes are', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  for (let round = 0; round < 50; round++) {
    const sizes = Array.from({ length: 1 + random(400) }, () => ({
      compressed: random(10) === 0 ? random(6 * MIB) : random(50_000),
      size: random(10) === 0 ? random(20 * MIB) : random(200_000),
      gap: random(20) === 0 ? random(3 * MIB) : 0,
    }));
    const { parts, files, dataLimit } = split(sizes);
    let next = 0;
    for (const [index, part] of parts.entries()) {
      const held = files.slice(next, next + part.files);
      assert.equal(part.index, index);
      assert.equal(part.directoryOffset, held[0]?.recordAt);
      assert.equal(part.directoryLength, held.length * RECORD);
      assert.equal(part.dataStart, held[0]?.localHeaderAt);
      const last = held.at(-1) ?? assert.fail('a part has no files');
      assert.ok(part.dataEnd >= last.localHeaderAt + 40 + last.compressedSize, 'the last file is complete');
      assert.ok(part.dataEnd <= dataLimit);
      assert.equal(
        part.bytes,
        held.reduce((sum, { size }) => sum + size, 0),
      );
      if (part.big) assert.equal(held.length, 1);
      else {
        assert.ok(part.files <= budget.entries);
        assert.ok(part.bytes <= budget.outputBytes);
        assert.ok(part.dataEnd - part.dataStart <= budget.inputBytes + LOCAL_HEADER_MAX_BYTES);
      }
      next += part.files;
    }
    assert.equal(next, files.length);
  }
});

test('splits 20,000 files of 3 MiB into so few parts that they fit into the history of one run', () => {
  const { parts } = split(many(20_000, { compressed: 3 * MIB }));
  assert.ok(parts.length < 2_844, `${parts.length} parts`);
});
