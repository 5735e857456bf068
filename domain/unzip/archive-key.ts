import { InvalidInput } from '../errors.ts';

/** Where an archive's files, its manifest and the notes of its runs belong; all in the archive's own bucket. */
export interface ArchivePlace {
  /** Name without folder and without `.zip`; an only top-level directory of this name is dropped. */
  readonly base: string;
  /** `unzip/<path>/<name>/`, with the slash at its end. */
  readonly destination: string;
  /** `unzip/.sluice/<path>/<name>.json`, written last: no manifest, no success. */
  readonly manifest: string;
  /** `unzip/.sluice/<path>/<name>.run/`: what runs note about themselves, never ending in `.json`. */
  readonly runs: string;
}

const ARCHIVE = /^zip\/(?<path>.*)\.zip$/is;

/**
 * The place of an archive by its object key, or undefined when the key is no archive under `zip/`.
 * Refuses (`RefusedKey`) names that are empty, that dot segments would move, or that lie in Sluice's own area.
 */
export function placeOf(bucket: string, key: string): ArchivePlace | undefined {
  const path = ARCHIVE.exec(key)?.groups?.path;
  if (path === undefined || !key.startsWith('zip/')) return undefined;
  const segments = path.split('/');
  const base = segments.at(-1) ?? '';
  const refuse = (why: string): never => {
    throw new InvalidInput('RefusedKey', `archive oss://${bucket}/${key}: ${why}`);
  };
  if (base === '') refuse('its name before ".zip" is empty');
  if (segments[0] === '.sluice') refuse('zip/.sluice is kept for Sluice itself');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    refuse('its path has an empty, "." or ".." segment');
  }
  return {
    base,
    destination: `unzip/${path}/`,
    manifest: `unzip/.sluice/${path}.json`,
    runs: `unzip/.sluice/${path}.run/`,
  };
}
