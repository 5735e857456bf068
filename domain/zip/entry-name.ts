/**
 * The path of an entry below the destination. `refused` is the end of a message; the caller puts the entry in front.
 */
export type EntryNameCheck =
  | { readonly path: string; readonly isDirectory: boolean }
  | { readonly refused: string };

/** Why a name that points outside its folder is rejected. Messages replace `its folder` with the folder's name. */
export const LEAVES_FOLDER = 'would leave its folder';

// biome-ignore lint/suspicious/noControlCharactersInRegex: searches for control characters
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Checks a decoded name. Rejects an absolute name, and a name that would leave its folder; never changes such a name
 * into a valid one. Removes only `./` and repeated slashes, as every tool does. `backslashIsSlash` is true for archives
 * from DOS or Windows whose names contain no `/`.
 */
export function checkEntryName(raw: string, backslashIsSlash: boolean): EntryNameCheck {
  const name = backslashIsSlash ? raw.replaceAll('\\', '/') : raw;
  if (name === '') return { refused: 'has an empty name' };
  if (CONTROL.test(name)) return { refused: 'has control characters in its name' };
  if (name.startsWith('/') || name.startsWith('\\')) return { refused: 'has an absolute path as its name' };
  if (/^[a-z]:[/\\]/i.test(name)) return { refused: 'has an absolute path as its name' };
  if (name.split(/[/\\]/).includes('..')) return { refused: LEAVES_FOLDER };
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.length === 0) return { refused: 'has a name with no characters except "." and "/"' };
  return { path: segments.join('/'), isDirectory: name.endsWith('/') || name.endsWith('/.') };
}
