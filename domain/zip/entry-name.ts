/** What to do with an entry whose name is empty, is absolute, or has a NUL or a `..` segment. */
export type UnsafeNamePolicy = 'fail' | 'skip' | 'strip';

export const UNSAFE_NAME_POLICIES = ['fail', 'skip', 'strip'] as const satisfies UnsafeNamePolicy[];

/** The path of an entry below the destination; empty for the destination itself. */
export interface EntryPath {
  readonly path: string;
  readonly isDirectory: boolean;
}

/** Why a name is unsafe. `unsafe` is the end of a message; the caller puts the entry in front. */
export interface UnsafeName {
  readonly unsafe: string;
  /** The path without root and drive, and with each `..` resolved in the destination. Undefined if nothing is left. */
  readonly stripped: EntryPath | undefined;
}

/** Why a name that points outside its folder is unsafe. Messages replace `its folder` with the folder's name. */
export const LEAVES_FOLDER = 'would leave its folder';

/**
 * Checks a decoded name. Removes only `./`, repeated slashes and NULs at the end, as every tool does; never changes an
 * unsafe name into a valid one. `backslashIsSlash` is true for an entry from DOS or Windows whose name has no `/`.
 */
export function checkEntryName(raw: string, backslashIsSlash: boolean): EntryPath | UnsafeName {
  const name = withoutFinalNuls(backslashIsSlash ? raw.replaceAll('\\', '/') : raw);
  if (name === '') return { unsafe: 'has an empty name', stripped: undefined };
  if (name.includes('\0')) return { unsafe: 'has a NUL in its name', stripped: undefined };
  const unsafe = findUnsafe(name);
  if (unsafe === undefined) return toPath(name);
  const stripped = toPath(strip(name));
  // If nothing is left of a directory, such as `../`, it is the destination itself.
  const isUsable = stripped.path !== '' || stripped.isDirectory;
  return { unsafe, stripped: isUsable ? stripped : undefined };
}

function findUnsafe(name: string): string | undefined {
  // A name of dots and slashes, such as `/`, is the destination itself.
  if (/^[./]*$/.test(name) && !name.split('/').includes('..')) return undefined;
  if (/^[/\\]/.test(name) || /^[a-z]:[/\\]/i.test(name)) return 'has an absolute path as its name';
  let depth = 0;
  let hasParent = false;
  for (const segment of name.split(/[/\\]/)) {
    if (segment === '..') {
      hasParent = true;
      if (--depth < 0) return LEAVES_FOLDER;
    } else if (segment !== '' && segment !== '.') depth++;
  }
  return hasParent ? 'has a ".." segment in its name' : undefined;
}

/** Removes drive and root, and resolves every `..` within the destination. */
function strip(name: string): string {
  const kept: string[] = [];
  const slashed = name.replace(/^[a-z]:(?=[/\\])/i, '').replace(/\\/g, '/');
  for (const segment of slashed.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return /\/(\.{0,2})$/.test(slashed) ? `${kept.join('/')}/` : kept.join('/');
}

function toPath(name: string): EntryPath {
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  return { path: segments.join('/'), isDirectory: /(^|\/)\.?$/.test(name) };
}

function withoutFinalNuls(name: string): string {
  let end = name.length;
  while (end > 0 && name.charCodeAt(end - 1) === 0) end--;
  return name.slice(0, end);
}
