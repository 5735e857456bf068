/** What the name of an entry means for the key of an object; `refused` ends a sentence that starts with the entry. */
export type EntryNameCheck =
  | { readonly path: string; readonly isDirectory: boolean }
  | { readonly refused: string };

/** The verdict on a name that would leave its folder; the folder's name stands for `its folder` in a message. */
export const LEAVES_FOLDER = 'would leave its folder';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Judges a decoded name. A name that would leave its folder, or that is absolute, is refused and never "cleaned" into
 * another; only `./` and doubled slashes, which every tool drops, are dropped. `backslashIsSlash` is for archives
 * made on DOS or Windows whose names have no `/` at all.
 */
export function checkEntryName(raw: string, backslashIsSlash: boolean): EntryNameCheck {
  const name = backslashIsSlash ? raw.replaceAll('\\', '/') : raw;
  if (name === '') return { refused: 'has an empty name' };
  if (CONTROL.test(name)) return { refused: 'has control characters in its name' };
  if (name.startsWith('/') || name.startsWith('\\')) return { refused: 'has an absolute path as its name' };
  if (/^[a-z]:[/\\]/i.test(name)) return { refused: 'has an absolute path as its name' };
  if (name.split(/[/\\]/).includes('..')) return { refused: LEAVES_FOLDER };
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0) return { refused: 'has no characters but "." and "/" in its name' };
  return { path: segments.join('/'), isDirectory: name.endsWith('/') || name.endsWith('/.') };
}
