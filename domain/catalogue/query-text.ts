/**
 * Splits a query into words and normalises them for the comparison with names. The words are in lower case and without
 * tones and apostrophes. Full-width characters become plain ones; ü and v become u.
 */
export function queryWords(text: string): string[] {
  return text
    .normalize('NFKC')
    .replace(/['’‘`]/g, '')
    .split(/[\s,、;·/|-]+/)
    .map(foldLatin)
    .filter((word) => word !== '');
}

/**
 * Folds Latin letters to lower case without marks. Because people type pinyin without ü, ü and v become u, and lyu
 * becomes lu.
 */
export function foldLatin(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/v/g, 'u').replace(/lyu/g, 'lu');
}

/** Names end in one of these kinds, or in a short form that people use: 伊犁州. */
const KIND_SUFFIX = /(?:特别行政区|自治[区州县旗]|地区|新区|[省市县区旗盟州])$/;

/** Removes the kind of place at the end of a name if at least two characters remain: `海门市` becomes `海门`. */
export function withoutKind(word: string): string {
  const core = word.replace(KIND_SUFFIX, '');
  return [...core].length >= 2 ? core : word;
}
