import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openLocalDatabase } from '../../../../local/database.ts';
import { OrderedEntries } from '../../../../local/tablestore/storage/ordered-entries.ts';

/** Keys around the maximum length of LMDB, most with a long common beginning. No key is a prefix of another. */
const keys = fc
  .tuple(fc.constantFrom(0, 5, 1_897, 1_898, 1_899, 1_900, 4_000, 8_000), fc.constantFrom('', 'a', 'b', 'bb'))
  .map(([length, tail]) => Buffer.from(`${'x'.repeat(length)}${tail}\0`));

const actions = fc.array(
  fc.record({ kind: fc.constantFrom('put', 'put', 'remove'), key: keys, value: fc.string({ maxLength: 5 }) }),
  { maxLength: 40 },
);

test('finds entries with keys of any length, and reads them in order in both directions', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-entries-'));
  const database = openLocalDatabase(dir);
  try {
    let run = 0;
    fc.assert(
      fc.property(actions, keys, keys, (steps, one, other) => {
        const bytes = database.openDB<Buffer, Buffer>({
          ...{ name: `entries-${run++ % 8}`, keyEncoding: 'binary', encoding: 'binary' },
        });
        bytes.clearSync();
        const entries = new OrderedEntries(bytes);
        const model = new Map<string, string>();
        for (const { kind, key, value } of steps) {
          if (kind === 'put') entries.put(key, Buffer.from(value));
          else entries.remove(key);
          if (kind === 'put') model.set(key.toString(), value);
          else model.delete(key.toString());
        }
        for (const { key } of steps) assert.equal(entries.get(key)?.toString(), model.get(key.toString()));
        const [low, high] = one < other ? [one, other] : [other, one];
        const sorted = [...model.keys()].sort();
        const forwards = sorted.filter((key) => key >= low.toString() && key < high.toString());
        const read = (range: Iterable<{ key: Buffer }>) => [...range].map(({ key }) => key.toString());
        assert.deepEqual(read(entries.range({ start: low, end: high })), forwards);
        const backwards = sorted.filter((key) => key <= high.toString() && key > low.toString()).reverse();
        assert.deepEqual(read(entries.range({ start: high, end: low, backwards: true })), backwards);
      }),
      { numRuns: 300 },
    );
  } finally {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  }
});
