/**
 * A text as names are compared: pieces without blanks, in lower case, full-width forms as plain ones, tones and
 * apostrophes gone, ü and v as u.
 */
export function queryWords(text: string): string[] {
  return text
    .normalize('NFKC')
    .replace(/['’‘`]/g, '')
    .split(/[\s,、;·/|-]+/)
    .map(foldLatin)
    .filter((word) => word !== '');
}

/** Latin letters without marks and in lower case, ü and v as u, as pinyin is typed by whoever has no ü. */
export function foldLatin(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/v/g, 'u').replace(/lyu/g, 'lu');
}

/** Names end in these, or people say so in short: 伊犁州. */
const KIND_SUFFIX = /(?:特别行政区|自治[区州县旗]|地区|新区|[省市县区旗盟州])$/;

/** A name without the kind of place at its end, where two characters are left: `海门市` is `海门`. */
export function withoutKind(word: string): string {
  const core = word.replace(KIND_SUFFIX, '');
  return [...core].length >= 2 ? core : word;
}
