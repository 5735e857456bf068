import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WINDOW_BYTES, windowCount, windowRange } from '../../../domain/unzip/big-file-windows.ts';

for (const [compressedSize, count] of [
  [0, 1],
  [1, 1],
  [WINDOW_BYTES, 1],
  [WINDOW_BYTES + 1, 2],
  [10 * WINDOW_BYTES, 10],
] as const) {
  test(`splits ${compressedSize} bytes into ${count} windows that cover each byte once`, () => {
    const file = { dataStart: 77, compressedSize };
    assert.equal(windowCount(file), count);
    let at = 77;
    for (let window = 0; window < count; window++) {
      const { start, end } = windowRange(file, window);
      assert.equal(start, at);
      assert.ok(end - start <= WINDOW_BYTES);
      at = end;
    }
    assert.equal(at, 77 + compressedSize);
  });
}
