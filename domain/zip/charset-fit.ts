import { type Charset, CharsetDecoder } from './charset-decoder.ts';

/**
 * Returns true if two bytes are a frequent character of the charset. The ZIP format does not declare charsets except
 * UTF-8, so Sluice guesses the charset of other names.
 */
type IsFrequent = (lead: number, trail: number) => boolean;

const isBetween = (value: number, low: number, high: number): boolean => value >= low && value <= high;

const gb2312Level1: IsFrequent = (lead, trail) => isBetween(lead, 0xb0, 0xd7) && trail >= 0xa1;

/** The most frequent characters of charsets with two-byte characters: the first level of each standard. */
const FREQUENT: Readonly<Record<string, IsFrequent>> = {
  gb18030: gb2312Level1,
  gbk: gb2312Level1,
  big5: (lead) => isBetween(lead, 0xa4, 0xc6),
  'euc-kr': (lead, trail) => isBetween(lead, 0xb0, 0xc8) && trail >= 0xa1,
  'euc-jp': (lead, trail) => (isBetween(lead, 0xa4, 0xa5) || isBetween(lead, 0xb0, 0xcf)) && trail >= 0xa1,
  shift_jis: (lead, trail) =>
    (lead === 0x82 && trail >= 0x9f) || (lead === 0x83 && trail <= 0x96) || isBetween(lead, 0x88, 0x97),
};

/** Sums up how well the names of an archive fit a charset. */
export class CharsetFit {
  readonly charset: Charset;
  /** The number of names that are valid in this charset. */
  valid = 0;
  /** The sum of one number for each valid name: the share of frequent characters in the name. */
  frequency = 0;
  readonly #decoder: CharsetDecoder;

  constructor(charset: Charset) {
    this.charset = charset;
    this.#decoder = new CharsetDecoder(charset);
  }

  add(name: Buffer): void {
    const text = this.#decoder.decodeValid(name);
    if (text === undefined) return;
    this.valid++;
    // Every byte is valid in CP437, so its characters say nothing about the name.
    if (this.charset !== 'cp437') this.frequency += shareOfFrequent(name, text, FREQUENT[this.charset]);
  }
}

function shareOfFrequent(name: Buffer, text: string, isFrequent: IsFrequent | undefined): number {
  let frequent = 0;
  let all = 0;
  if (isFrequent === undefined) {
    for (const character of text) {
      if (character.charCodeAt(0) < 0x80) continue;
      all++;
      if (/\p{L}/u.test(character)) frequent++;
    }
  } else {
    for (let at = 0; at < name.length; at++) {
      const lead = name[at] ?? 0;
      if (lead < 0x80) continue;
      all++;
      if (isFrequent(lead, name[++at] ?? 0)) frequent++;
    }
  }
  return all === 0 ? 0 : frequent / all;
}

/**
 * Returns the charset that fits all names together best. This is the charset in which most names are valid. If several
 * are equal, it is the one in which the names have the largest share of frequent characters. If these are equal, too,
 * it is the first one. Without any charset, returns CP437, the default of the format.
 */
export function bestCharset(fits: readonly CharsetFit[]): Charset {
  let best: CharsetFit | undefined;
  for (const fit of fits) {
    if (best === undefined || fit.valid > best.valid) best = fit;
    else if (fit.valid === best.valid && fit.frequency > best.frequency + 1e-9) best = fit;
  }
  return best?.charset ?? 'cp437';
}
