import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KeyHash, KeySet } from '../../../domain/unzip/key-set.ts';

/** Names the first slots and the last ones, so that many keys need the same slot, and some wrap around. */
const crowded: KeyHash = (key) => [Number(key), Number(key) % 2 === 0 ? 0 : 0xffff_ffff];

test('a set of keys is like a Set, for every order of keys', () => {
  const keys = fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 200 });
  fc.assert(
    fc.property(keys, keys, (added, asked) => {
      const [actual, expected] = [new KeySet(), new Set<string>()];
      for (const key of added) {
        assert.equal(actual.add(key), !expected.has(key));
        expected.add(key);
        assert.equal(actual.size, expected.size);
      }
      for (const key of [...added, ...asked]) assert.equal(actual.has(key), expected.has(key), key);
    }),
  );
});

test('a set of keys is like a Set if many hashes name the same slot', () => {
  const keys = fc.array(fc.nat(600).map(String), { maxLength: 1_500 });
  fc.assert(
    fc.property(keys, (added) => {
      const actual = new KeySet(crowded);
      for (const key of added) actual.add(key);
      const expected = new Set(added);
      assert.equal(actual.size, expected.size);
      for (let key = 0; key <= 600; key++) assert.equal(actual.has(String(key)), expected.has(String(key)));
    }),
    { numRuns: 20 },
  );
});

test('a set of keys keeps all of them when it grows', () => {
  const keys = new KeySet();
  for (let key = 0; key < 50_000; key++) assert.equal(keys.add(`unzip/a/${key}`), true);
  for (let key = 0; key < 50_000; key++) assert.equal(keys.has(`unzip/a/${key}`), true);
  for (let key = 50_000; key < 100_000; key++) assert.equal(keys.has(`unzip/a/${key}`), false);
  assert.equal(keys.size, 50_000);
});

for (const [words, what] of [
  [[0, 0], 'zero'],
  [[0, 1], 'one'],
  [[0xffff_ffff, 0xffff_ffff], 'only ones'],
] as const)
  test(`a key whose hash is ${what} is in the set only after it was added`, () => {
    const keys = new KeySet(() => words);
    assert.equal(keys.has('a'), false);
    assert.deepEqual([keys.add('a'), keys.add('a')], [true, false]);
    assert.deepEqual([keys.has('a'), keys.size], [true, 1]);
  });
