import { createHash } from 'node:crypto';
import { InvalidInput } from '../errors.ts';
import { toWorkflowId } from '../workflow-id.ts';

/** Where an archive's files, manifest and run objects are, all in the archive's own bucket. */
export interface ArchiveKeys {
  /**
   * The archive's name without folder and `.zip`. If all entries are in one top directory with this name, the keys of
   * the files omit this directory.
   */
  readonly base: string;
  /** `unzip/<path>/<name>/`, with the trailing slash. */
  readonly destination: string;
  /** `unzip/.sluice/<path>/<name>.json`. It is written last, so it exists only after success. */
  readonly manifest: string;
  /**
   * `unzip/.sluice/.sluice/<hash of the path>/`: the prefix of run objects. No manifest has a key with this prefix. The
   * field keeps the name `runs`, because recorded histories have it.
   */
  readonly runs: string;
}

/** The longest object key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1_023;

const ARCHIVE_KEY = /^zip\/(?<path>.*)\.zip$/is;

/**
 * Returns the keys that belong to an archive, or undefined if `key` is not an archive under `zip/`. Throws
 * `InvalidInput` of type `RefusedKey` in three cases: a path segment is empty, `.` or `..`; the key is in the folder
 * that is reserved for Sluice; the key of the manifest would be too long.
 */
export function archiveKeysOf(bucket: string, key: string): ArchiveKeys | undefined {
  const reject = (why: string): never => {
    throw new InvalidInput('RefusedKey', `archive oss://${bucket}/${key}: ${why}`);
  };
  if (key.startsWith('zip/.sluice/')) reject('zip/.sluice is reserved for Sluice');
  const path = ARCHIVE_KEY.exec(key)?.groups?.path;
  if (path === undefined || !key.startsWith('zip/')) return undefined;
  const segments = path.split('/');
  const base = segments.at(-1) ?? '';
  if (base === '') reject('its name before ".zip" is empty');
  if (segments[0] === '.sluice') reject('zip/.sluice is reserved for Sluice');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    reject('its path has an empty, "." or ".." segment');
  }
  const manifest = `unzip/.sluice/${path}.json`;
  if (Buffer.byteLength(manifest) > MAX_KEY_BYTES)
    reject(`the key of its manifest would be longer than ${MAX_KEY_BYTES} bytes`);
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return { base, destination: `unzip/${path}/`, manifest, runs: `unzip/.sluice/.sluice/${hash}/` };
}

/** Returns the id of `unzipArchive` for a destination. So each destination has at most one open run of it. */
export const destinationWorkflowId = (archive: { bucket: string; destination: string }): string =>
  toWorkflowId(`unzip-into:${archive.bucket}/${archive.destination.slice(0, -1)}`);
