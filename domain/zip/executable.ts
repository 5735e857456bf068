/** Windows programs, which may be the first part of a self-extractor. */

/** `searchStart` needs this many bytes from the start of a file. */
export const EXECUTABLE_BYTES = 4_096;

/** The section in which self-extractors of WinZip have their archive. */
const WINZIP_SECTION = '_winzip_';

interface Section {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Returns the offset at which the search for another archive in front of `archiveStart` begins. In a Windows program,
 * the search begins behind all sections, because a program may contain archives as resources. If the archive itself is
 * in a section, the search begins at the start of this section. In any other file, it begins at 0.
 */
export function searchStart(head: Buffer, archiveStart: number): number {
  const sections = sectionsOf(head);
  const own =
    sections.find(({ name }) => name === WINZIP_SECTION) ??
    sections.find(({ start, end }) => start <= archiveStart && archiveStart < end);
  return own?.start ?? Math.max(0, ...sections.map(({ end }) => end));
}

/** Returns the sections of a Windows program; an empty list for any other file. Source: Microsoft, "PE Format". */
function sectionsOf(head: Buffer): Section[] {
  if (head.length < 0x40 || head.toString('latin1', 0, 2) !== 'MZ') return [];
  const header = head.readUInt32LE(0x3c);
  if (header + 24 > head.length || head.toString('latin1', header, header + 4) !== 'PE\0\0') return [];
  const table = header + 24 + head.readUInt16LE(header + 20);
  const sections: Section[] = [];
  for (let row = 0; row < head.readUInt16LE(header + 6); row++) {
    const at = table + row * 40;
    if (at + 40 > head.length) return [];
    const start = head.readUInt32LE(at + 20);
    const name = head.toString('latin1', at, at + 8).split('\0', 1)[0] ?? '';
    sections.push({ name, start, end: start + head.readUInt32LE(at + 16) });
  }
  return sections;
}
