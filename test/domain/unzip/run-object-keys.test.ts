import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  crc32Hex,
  isListedInline,
  ndjson,
  ndjsonLines,
  runObjectKeysOf,
} from '../../../domain/unzip/run-object-keys.ts';

test('NDJSON has one JSON value per line, whatever the values contain', () => {
  const values = [{ key: 'a\nb' }, 'line separator', { name: '中文' }, null, 0];
  const body = ndjson(values);
  assert.equal(body.toString().split('\n').length, values.length + 1);
  assert.deepEqual([...ndjsonLines(body)], values);
});

test('NDJSON of no values is empty', () => {
  assert.equal(ndjson([]).length, 0);
  assert.deepEqual([...ndjsonLines(Buffer.alloc(0))], []);
});

for (const [crc, text] of [
  [0, '00000000'],
  [0xcbf43926, 'cbf43926'],
  [0x0000beef, '0000beef'],
  [-1, 'ffffffff'],
] as const) {
  test(`the CRC-32 ${crc} is written as ${text}`, () => assert.equal(crc32Hex(crc), text));
}

test('uses different keys for all runs and parts, and no key that looks like a manifest', () => {
  const runs = ['run-1', 'run-2'].map((run) => runObjectKeysOf({ runs: 'unzip/.sluice/demo.run/' }, run));
  const keys = runs.flatMap(({ previousListKey, skipped, sortedDirectory, part }) => [
    previousListKey(0),
    previousListKey(1),
    skipped,
    sortedDirectory,
    part(0),
    part(1),
    part(1_000_000),
  ]);
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) {
    assert.ok(key.startsWith('unzip/.sluice/demo.run/run-'), key);
    assert.ok(!key.endsWith('.json'), key);
  }
});

for (const [objects, bytes, inline] of [
  [10_000, 8 * 1024 * 1024, true],
  [10_001, 1, false],
  [1, 8 * 1024 * 1024 + 1, false],
] as const) {
  test(`a manifest ${inline ? 'lists' : 'does not list'} ${objects} objects whose list has ${bytes} bytes`, () =>
    assert.equal(isListedInline(objects, bytes), inline));
}
