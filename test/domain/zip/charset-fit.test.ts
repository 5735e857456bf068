import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bestCharset, CharsetFit } from '../../../domain/zip/charset-fit.ts';

function fitOf(charset: string, ...names: readonly string[]): CharsetFit {
  const fit = new CharsetFit(charset);
  for (const hex of names) fit.add(Buffer.from(hex, 'hex'));
  return fit;
}

/** Characters at the limits of the frequent ones. Source: the code charts of the standards. */
const characters: readonly (readonly [
  charset: string,
  hex: string,
  character: string,
  isFrequent: boolean,
])[] = [
  ['gb18030', 'b0a1', '啊, the first of level 1', true],
  ['gb18030', 'd7f9', '座, the last of level 1', true],
  ['gb18030', 'd8a1', '亍, the first of level 2', false],
  ['gb18030', 'a1a2', '、, a symbol', false],
  ['gb18030', 'afa1', 'a user-defined character', false],
  ['gb18030', 'b0a0', '癅, an extension', false],
  ['gbk', 'b0a1', '啊', true],
  ['gbk', 'b0a0', '癅', false],
  ['big5', 'a440', '一, the first of level 1', true],
  ['big5', 'c67e', '籲, the last of level 1', true],
  ['big5', 'a3bf', 'a symbol', false],
  ['big5', 'c940', '乂, the first of level 2', false],
  ['euc-kr', 'b0a1', '가, the first syllable', true],
  ['euc-kr', 'c8fe', '힝, the last syllable', true],
  ['euc-kr', 'caa1', '伽, a Chinese character', false],
  ['euc-jp', 'a4a2', 'あ', true],
  ['euc-jp', 'a5a2', 'ア', true],
  ['euc-jp', 'a3c1', 'Ａ', false],
  ['euc-jp', 'a6a1', 'Α', false],
  ['euc-jp', 'b0a1', '亜, the first of level 1', true],
  ['euc-jp', 'cfd3', '腕, the last of level 1', true],
  ['euc-jp', 'd0a1', '弌, the first of level 2', false],
  ['shift_jis', '829f', 'ぁ, the first hiragana', true],
  ['shift_jis', '829a', 'ｚ', false],
  ['shift_jis', '8340', 'ァ', true],
  ['shift_jis', '8396', 'ヶ, the last katakana', true],
  ['shift_jis', '839f', 'Α', false],
  ['shift_jis', '889f', '亜, the first kanji', true],
  ['shift_jis', '97fc', 'a kanji of level 1', true],
  ['shift_jis', '989f', 'a kanji of level 2', false],
  ['cp866', '8f', 'П', true],
  ['cp866', 'b0', '░', false],
];
for (const [charset, hex, character, isFrequent] of characters) {
  test(`in ${charset}, ${hex} (${character}) is ${isFrequent ? 'a' : 'no'} frequent character`, () => {
    const { valid, frequency } = fitOf(charset, hex);
    assert.deepEqual({ valid, frequency }, { valid: 1, frequency: isFrequent ? 1 : 0 });
  });
}

test('ASCII characters do not count for the share of frequent characters', () => {
  assert.equal(fitOf('gb18030', '2f61b0a1612e').frequency, 1);
  assert.equal(fitOf('gb18030', 'b0a161d8a1').frequency, 0.5);
  assert.equal(fitOf('cp866', '618f2fb0').frequency, 0.5);
  assert.equal(fitOf('cp866', '61').frequency, 0);
});

test('a name that is not valid in the charset changes nothing', () => {
  const { valid, frequency } = fitOf('gb18030', 'b0a1', 'ff', 'b0a1');
  assert.deepEqual({ valid, frequency }, { valid: 2, frequency: 2 });
});

test('in CP437 every name is valid, and no character is frequent', () => {
  const { valid, frequency } = fitOf('cp437', 'ff', '80');
  assert.deepEqual({ valid, frequency }, { valid: 2, frequency: 0 });
});

test('the charset in which more names are valid is better, even with fewer frequent characters', () => {
  const frequent = fitOf('gb18030', 'b0a1', 'ff');
  const valid = fitOf('cp437', 'b0a1', 'ff');
  assert.equal(bestCharset([frequent, valid]), 'cp437');
  assert.equal(bestCharset([valid, frequent]), 'cp437');
});

test('if as many names are valid, the charset with the larger share of frequent characters is better', () => {
  const frequent = fitOf('gb18030', 'b0a1');
  const rare = fitOf('big5', 'c940');
  assert.equal(bestCharset([frequent, rare]), 'gb18030');
  assert.equal(bestCharset([rare, frequent]), 'gb18030');
});

test('of equal charsets the first is used, also if only the sums of their shares are rounded differently', () => {
  const [one, two] = [new CharsetFit('gb18030'), new CharsetFit('big5')];
  one.frequency = 0.1 + 0.2;
  two.frequency = 0.3;
  assert.equal(bestCharset([two, one]), 'big5');
  assert.equal(bestCharset([one, two]), 'gb18030');
});

test('without any charset, CP437 is used', () => {
  assert.equal(bestCharset([]), 'cp437');
});
