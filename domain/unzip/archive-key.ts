import { createHash } from 'node:crypto';
import { InvalidInput } from '../errors.ts';

/** Where an archive's files, its manifest and the notes of its runs belong; all in the archive's own bucket. */
export interface ArchiveKeys {
  /** Name without folder and without `.zip`; an only top-level directory of this name is dropped. */
  readonly base: string;
  /** `unzip/<path>/<name>/`, with the slash at its end. */
  readonly destination: string;
  /** `unzip/.sluice/<path>/<name>.json`, written last: no manifest, no success. */
  readonly manifest: string;
  /** `unzip/.sluice/.sluice/<hash of the path>/`: what runs note about themselves; no manifest can lie there. */
  readonly runs: string;
}

/** The longest object key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1_023;

const ARCHIVE_KEY = /^zip\/(?<path>.*)\.zip$/is;

/**
 * The place of an archive by its object key, or undefined when the key is no archive under `zip/`.
 * Refuses (`RefusedKey`) names that are empty, that dot segments would move, or that lie in Sluice's own area.
 */
export function archiveKeysOf(bucket: string, key: string): ArchiveKeys | undefined {
  const reject = (why: string): never => {
    throw new InvalidInput('RefusedKey', `archive oss://${bucket}/${key}: ${why}`);
  };
  if (key.startsWith('zip/.sluice/')) reject('zip/.sluice is kept for Sluice itself');
  const path = ARCHIVE_KEY.exec(key)?.groups?.path;
  if (path === undefined || !key.startsWith('zip/')) return undefined;
  const segments = path.split('/');
  const base = segments.at(-1) ?? '';
  if (base === '') reject('its name before ".zip" is empty');
  if (segments[0] === '.sluice') reject('zip/.sluice is kept for Sluice itself');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    reject('its path has an empty, "." or ".." segment');
  }
  const manifest = `unzip/.sluice/${path}.json`;
  if (Buffer.byteLength(manifest) > MAX_KEY_BYTES)
    reject(`its manifest would need a key of over ${MAX_KEY_BYTES} bytes`);
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return { base, destination: `unzip/${path}/`, manifest, runs: `unzip/.sluice/.sluice/${hash}/` };
}
