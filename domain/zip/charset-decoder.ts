import { TextDecoder } from 'node:util';
import { getFileNameLowLevel } from 'yauzl';
import { escapeLiterals, percentEncoded } from './byte-escapes.ts';

/** The charset of entry names without a declared charset: a label of the Encoding Standard, or `cp437`. */
export type Charset = string;

/** A decoded name. `broken` is true if some bytes are not valid in the charset; they are escaped. */
export interface DecodedName {
  readonly text: string;
  readonly broken: boolean;
}

/** What some bytes are: the text of a character, empty for the start of a character, or undefined if they are neither. */
type Piece = string | undefined;

const REPLACEMENT = '�';

/** How `REPLACEMENT` itself is encoded: in gb18030, and in UTF-8. The other charsets do not have it. */
const ENCODED_REPLACEMENTS: Readonly<Record<string, Buffer>> = {
  gb18030: Buffer.from('8431a437', 'hex'),
  'utf-8': Buffer.from('efbfbd', 'hex'),
};

/** A hostile archive can have millions of different pieces. This many take a few megabytes of memory. */
const MAX_KNOWN_PIECES = 50_000;

/**
 * Decodes names in one charset. Names can have any number of invalid bytes, so no invalid byte may cost an exception or
 * a new `TextDecoder`: both take as long as decoding thousands of bytes.
 */
export class CharsetDecoder {
  readonly #decoder: TextDecoder | undefined;
  readonly #encodedReplacement: Buffer | undefined;
  readonly #knownPieces = new Map<number, Piece>();

  constructor(charset: Charset) {
    this.#decoder = charset === 'cp437' ? undefined : new TextDecoder(charset, { ignoreBOM: true });
    this.#encodedReplacement = ENCODED_REPLACEMENTS[charset];
  }

  /** Returns the text of a name, or undefined if some of its bytes are not valid. */
  decodeValid(name: Buffer): string | undefined {
    if (this.#decoder === undefined) return getFileNameLowLevel(0, name, [], true);
    const text = this.#decoder.decode(name);
    if (!text.includes(REPLACEMENT)) return text;
    if (this.#encodedReplacement === undefined || !name.includes(this.#encodedReplacement)) return undefined;
    const { broken } = this.#decodeEach(name);
    return broken ? undefined : text;
  }

  /**
   * Decodes a name, and escapes each byte that is not part of a character. Without `escapePrefix`, the byte becomes
   * `%XX`, and each `%` of the name stays as it is.
   */
  decode(name: Buffer, escapePrefix?: string): DecodedName {
    const text = this.decodeValid(name);
    return text === undefined ? this.#decodeEach(name, escapePrefix) : { text, broken: false };
  }

  #decodeEach(name: Buffer, escapePrefix?: string): DecodedName {
    const literal = (part: string): string =>
      escapePrefix === undefined ? part : escapeLiterals(part, escapePrefix);
    let text = '';
    let characters = '';
    let broken = false;
    for (let at = 0; at < name.length; ) {
      let end = at + 1;
      let piece = this.#pieceOf(name, at, end);
      while (piece === '' && end < name.length) piece = this.#pieceOf(name, at, ++end);
      if (piece === undefined || piece === '') {
        // The first byte does not start a character. The bytes after it may start one.
        text += literal(characters) + (escapePrefix ?? '%').slice(1) + percentEncoded(name[at] ?? 0);
        characters = '';
        broken = true;
        at++;
      } else {
        characters += piece;
        at = end;
      }
    }
    return { text: text + (broken ? literal(characters) : characters), broken };
  }

  #pieceOf(name: Buffer, start: number, end: number): Piece {
    if (end - start > 3) return this.#decodePiece(name.subarray(start, end));
    let id = 1;
    for (let at = start; at < end; at++) id = id * 256 + (name[at] ?? 0);
    const known = this.#knownPieces.get(id);
    if (known !== undefined || this.#knownPieces.has(id)) return known;
    const piece = this.#decodePiece(name.subarray(start, end));
    if (this.#knownPieces.size < MAX_KNOWN_PIECES) this.#knownPieces.set(id, piece);
    return piece;
  }

  #decodePiece(bytes: Buffer): Piece {
    const text = this.#decoder?.decode(bytes, { stream: true }) ?? '';
    // Resets the decoder, because the next piece does not continue this one.
    this.#decoder?.decode();
    return text.includes(REPLACEMENT) && this.#encodedReplacement?.equals(bytes) !== true ? undefined : text;
  }
}
