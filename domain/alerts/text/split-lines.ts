export const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length;

/** Lines are separated by two line feeds. */
const SEPARATOR_BYTES = 2;

/**
 * Distributes lines to as few parts as possible, in order. The lines of each part have at most `maxBytes` in UTF-8 together.
 * A line that is too long alone is cut after a whole character.
 */
export function splitLines(lines: readonly string[], maxBytes: number): string[][] {
  const parts: string[][] = [];
  let bytes = 0;
  for (const each of lines) {
    const line = cutToBytes(each, maxBytes);
    const size = utf8Bytes(line);
    const part = parts.at(-1);
    if (part !== undefined && bytes + SEPARATOR_BYTES + size <= maxBytes) {
      part.push(line);
      bytes += SEPARATOR_BYTES + size;
    } else {
      parts.push([line]);
      bytes = size;
    }
  }
  return parts;
}

const ELLIPSIS = '…';

function cutToBytes(text: string, maxBytes: number): string {
  if (utf8Bytes(text) <= maxBytes) return text;
  let cut = '';
  let bytes = utf8Bytes(ELLIPSIS);
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    bytes += utf8Bytes(segment);
    if (bytes > maxBytes) break;
    cut += segment;
  }
  return `${cut}${ELLIPSIS}`;
}
