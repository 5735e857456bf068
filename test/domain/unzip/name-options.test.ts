import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNameOptions } from '../../../domain/unzip/name-options.ts';

const labels = { subject: 'archive oss://b/zip/a.zip', charsets: 'charsets', unsafe: 'unsafe' };

const valid: readonly (readonly [input: { charsets?: unknown; unsafe?: unknown }, expected: object])[] = [
  [{}, {}],
  [{ charsets: '', unsafe: null }, {}],
  [{ charsets: 'Shift_JIS, gb18030' }, { charsets: ['shift_jis', 'gb18030'] }],
  [{ charsets: ['big5', 'cp437'] }, { charsets: ['big5', 'cp437'] }],
  [{ charsets: 'GBK' }, { charsets: ['gb18030'] }],
  [{ charsets: 'gb2312, big5, gb18030' }, { charsets: ['gb18030', 'big5'] }],
  [{ unsafe: 'strip' }, { unsafe: 'strip' }],
  [{ unsafe: 'Skip' }, { unsafe: 'skip' }],
];

for (const [input, expected] of valid) {
  test(`reads ${JSON.stringify(input)}`, () => assert.deepEqual(readNameOptions(input, labels), expected));
}

const all = 'gb18030, big5, shift_jis, euc-jp, euc-kr, cp866, koi8-r, cp437, utf-8';
const invalid: readonly (readonly [input: { charsets?: unknown; unsafe?: unknown }, why: string])[] = [
  [{ charsets: 'latin-2' }, `charsets must be a comma-separated list of ${all}, but is "latin-2"`],
  [{ charsets: 'big5,' }, `charsets must be a comma-separated list of ${all}, but is "big5,"`],
  [{ charsets: 7 }, `charsets must be a comma-separated list of ${all}, but is 7`],
  [{ charsets: [] }, `charsets must be a comma-separated list of ${all}, but is []`],
  [{ unsafe: 7 }, 'unsafe must be one of fail, skip, strip, but is 7'],
  [{ unsafe: 'rename' }, 'unsafe must be one of fail, skip, strip, but is "rename"'],
];

for (const [input, why] of invalid) {
  test(`rejects ${JSON.stringify(input)} with the option's name and value`, () => {
    assert.throws(() => readNameOptions(input, labels), {
      type: 'BadInput',
      message: `archive oss://b/zip/a.zip: ${why}`,
    });
  });
}
