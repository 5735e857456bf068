import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeKey } from '../../../../local/tablestore/storage/key-encoding.ts';
import { INF_MAX, INF_MIN, type KeyMark, type KeyValue } from '../../../../ots/wire/row.ts';

type Part = KeyValue | KeyMark;

const sign = (value: number): number => Math.sign(value);

/**
 * Independent implementation of the service's order: the ends of ranges before or after all values, integers by value,
 * other types by bytes.
 */
function compareParts(one: Part, other: Part): number {
  if (one === other) return 0;
  if (one === INF_MIN || other === INF_MAX) return -1;
  if (one === INF_MAX || other === INF_MIN) return 1;
  if (typeof one === 'bigint' && typeof other === 'bigint') return one < other ? -1 : one > other ? 1 : 0;
  return Buffer.compare(Buffer.from(one as string), Buffer.from(other as string));
}

function compareKeys(one: readonly Part[], other: readonly Part[]): number {
  for (const [index, part] of one.entries()) {
    const order = compareParts(part, other[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

const ends = fc.constantFrom<Part>(INF_MIN, INF_MAX);
const withEnds = (values: fc.Arbitrary<KeyValue>) =>
  fc.oneof({ weight: 8, arbitrary: values }, { weight: 1, arbitrary: ends });

const integers = withEnds(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
const strings = withEnds(
  fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', 'a', 'a\0', 'a\0\0', 'a\u0001', 'ab')),
);
const binaries = withEnds(
  fc.array(fc.constantFrom(0, 1, 0x7f, 0xfe, 0xff), { maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
);
const keys = fc.tuple(strings, integers, binaries, strings);

test('encoded keys are in the order of the keys', () => {
  fc.assert(
    fc.property(keys, keys, fc.integer({ min: 0, max: 4 }), (one, other, shared) => {
      const near = [...one.slice(0, shared), ...other.slice(shared)];
      for (const [a, b] of [
        [one, other],
        [one, near],
      ] as const)
        assert.equal(sign(Buffer.compare(encodeKey(a), encodeKey(b))), sign(compareKeys(a, b)));
    }),
    { numRuns: 2_000 },
  );
});

test('no encoded row key is a prefix of another', () => {
  fc.assert(
    fc.property(keys, keys, (one, other) => {
      const [a, b] = [encodeKey(one), encodeKey(other)];
      if (a.length < b.length) assert.ok(!b.subarray(0, a.length).equals(a));
    }),
    { numRuns: 1_000 },
  );
});
