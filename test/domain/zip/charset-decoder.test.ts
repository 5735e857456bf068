import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDecoder } from 'node:util';
import { CharsetDecoder, type DecodedName } from '../../../domain/zip/charset-decoder.ts';
import { seededRandom } from '../../../local/faults/seeded-random.ts';

/** Decodes byte by byte, with a new decoder after each invalid byte. This is slow, but obviously correct. */
function decodeSlowly(charset: string, name: Buffer): DecodedName {
  const create = (): TextDecoder => new TextDecoder(charset, { fatal: true, ignoreBOM: true });
  try {
    return { text: create().decode(name), broken: false };
  } catch {
    // Some bytes are invalid.
  }
  let decoder = create();
  let text = '';
  let pending = 0;
  for (let at = 0; at <= name.length; at++) {
    try {
      const isEnd = at === name.length;
      const piece = isEnd ? decoder.decode() : decoder.decode(name.subarray(at, at + 1), { stream: true });
      text += piece;
      pending = piece === '' ? pending + 1 : 0;
    } catch {
      const first = at - pending;
      text += `%${name.toString('hex', first, first + 1).toUpperCase()}`;
      decoder = create();
      at = first;
      pending = 0;
    }
  }
  return { text, broken: true };
}

/** Bytes that start, continue or end characters in these charsets, and parts of U+FFFD in gb18030 and in UTF-8. */
const FREQUENT = Buffer.from('8184318e8fe3f0feff30418088a1a43739efbfbd2562', 'hex');

for (const charset of ['gb18030', 'big5', 'shift_jis', 'euc-jp', 'euc-kr', 'cp866', 'koi8-r', 'utf-8'])
  test(`decodes valid and invalid names in ${charset} as a decoder does that starts again after each invalid byte`, () => {
    const random = seededRandom(7);
    const below = (limit: number): number => Math.floor(random() * limit);
    const byte = (): number => (below(2) === 0 ? below(256) : (FREQUENT[below(FREQUENT.length)] ?? 0));
    const names = Array.from({ length: 8_000 }, () =>
      Buffer.from(Array.from({ length: 1 + below(8) }, byte)),
    );
    names.push(
      ...['', '8431a437', '8431a437ff', 'efbfbd', 'efbfbdff', 'feff'].map((hex) => Buffer.from(hex, 'hex')),
    );
    const decoder = new CharsetDecoder(charset);
    let broken = 0;
    for (const name of names) {
      const expected = decodeSlowly(charset, name);
      if (expected.broken) broken++;
      assert.deepEqual(decoder.decode(name), expected, name.toString('hex'));
      const valid = expected.broken ? undefined : expected.text;
      assert.equal(decoder.decodeValid(name), valid, name.toString('hex'));
    }
    if (charset !== 'cp866' && charset !== 'koi8-r') assert.ok(broken > 1_000, String(broken));
  });

test('decodes every byte in CP437', () => {
  const decoder = new CharsetDecoder('cp437');
  assert.deepEqual(decoder.decode(Buffer.from('81ff', 'hex')), { text: 'ü\u00a0', broken: false });
});
