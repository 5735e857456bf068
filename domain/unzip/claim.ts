import { createHash } from 'node:crypto';
import { InvalidInput } from '../errors.ts';
import { trimEndOf } from '../trim-characters.ts';
import { type Archive, archiveLabel } from './archive.ts';

/** The workflow that writes. `runId` is the id of its first execution, which retries keep. */
export interface ClaimingRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Each destination has at most one open run of `unzipArchive`. */
  readonly workflow: 'unzipObject' | 'unzipArchive';
}

/**
 * A run's claim on its destination: an object in the bucket. A run stores its claim before it looks for the claims of
 * other runs. So if two runs start at the same time, at least one sees the claim of the other. A claim of a closed run
 * blocks no other run.
 */
export interface Claim extends ClaimingRun {
  /** The key of the archive. */
  readonly key: string;
  /** The version of the archive. */
  readonly etag: string;
  /** Folders below the destination that get files; null if there are too many to list. */
  readonly folders: readonly string[] | null;
  /** The keys that a small archive writes. A larger one lists them in its run objects. */
  readonly objects?: readonly string[];
}

/**
 * Returns a claim without its lists, which can need megabytes. Without a list of folders, the run may write into all
 * folders below its destination.
 */
export function withoutLists({ workflowId, runId, workflow, key, etag }: Claim): Claim {
  return { workflowId, runId, workflow, key, etag, folders: null };
}

/** The prefix of all claims. No manifest has a key with this prefix. */
const CLAIMS = 'unzip/.sluice/.sluice/claims/';

/** A longer path is cut, so that the key of its claim is not too long. */
const MAX_PATH_BYTES = 900;

/** A claim lists at most this many folders. */
const MAX_FOLDERS = 2_000;

/** The folders that a claim lists have at most this many characters. Later runs read the claims of failed runs again. */
const MAX_FOLDER_CHARACTERS = 128 * 1024;

/** Returns the path of an archive: its key without `zip/` and without `.zip` (also `.ZIP`). */
export const archivePath = ({ key }: { readonly key: string }): string =>
  key.slice('zip/'.length, -'.zip'.length);

/**
 * Returns the prefix of an archive's claims, and the prefix of the claims of archives whose path begins with `path/`.
 */
export const claimPrefixes = (path: string): { own: string; below: string } => ({
  own: `${CLAIMS}${shortenPath(path)}.zip/`,
  // The claims below a long path have cut paths, too. All of them start with these bytes.
  below: `${CLAIMS}${cutPath(`${path}/`)}`,
});

export const claimKey = (path: string, runId: string): string => `${claimPrefixes(path).own}${runId}.json`;

function shortenPath(path: string): string {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return path;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return `${cutPath(path)}~${hash}`;
}

const cutPath = (path: string): string =>
  trimEndOf(Buffer.from(path).subarray(0, MAX_PATH_BYTES).toString('utf8'), '\ufffd');

/** Returns the paths above an archive's path: `a` and `a/b` for `a/b/c`. Each can be the path of another archive. */
export function pathsAbove(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** Returns the folders that contain these files; null if there are too many. */
export function foldersOf(paths: Iterable<string>): string[] | null {
  const folders = new FolderSet();
  for (const path of paths) {
    folders.add(path);
    if (folders.hasTooMany) return null;
  }
  return folders.list();
}

/** Collects the folders of files, one file at a time. Never has more folders than a claim may list. */
export class FolderSet {
  readonly #folders = new Set<string>();
  #characters = 0;
  #hasTooMany = false;

  /** True if there are too many folders to list. */
  get hasTooMany(): boolean {
    return this.#hasTooMany;
  }

  /** Adds the folder that contains a file. */
  add(path: string): void {
    const at = path.lastIndexOf('/');
    if (at > 0) this.addFolder(path.slice(0, at));
  }

  addFolder(folder: string): void {
    if (this.#hasTooMany || this.#folders.has(folder)) return;
    this.#folders.add(folder);
    this.#characters += folder.length;
    if (this.#folders.size <= MAX_FOLDERS && this.#characters <= MAX_FOLDER_CHARACTERS) return;
    this.#hasTooMany = true;
    this.#folders.clear();
  }

  /** Returns the folders; null if there are too many. */
  list(): string[] | null {
    return this.#hasTooMany ? null : [...this.#folders];
  }
}

/** Returns the folders of two lists together; null if there are too many. */
export function mergeFolders(one: Claim['folders'], other: Claim['folders']): string[] | null {
  if (one === null || other === null) return null;
  const all = new FolderSet();
  for (const folder of [...one, ...other]) all.addFolder(folder);
  return all.list();
}

/** True if the files of two archives may have the same keys: equal destinations, or one is in a folder of the other. */
export function mayOverlap(one: Overlapping, other: Overlapping): boolean {
  if (archivePath(one) === archivePath(other)) return true;
  return mayContain(one, other) || mayContain(other, one);
}

type Overlapping = Pick<Claim, 'key' | 'folders'>;

function mayContain(outer: Overlapping, inner: Overlapping): boolean {
  const [outerPath, innerPath] = [archivePath(outer), archivePath(inner)];
  if (!innerPath.startsWith(`${outerPath}/`)) return false;
  const folder = innerPath.slice(outerPath.length + 1);
  return outer.folders?.some((each) => each === folder || each.startsWith(`${folder}/`)) ?? true;
}

/** What a run does about the claims of other open runs. */
export type ClaimDecision =
  | { readonly verdict: 'go' }
  /** The other run has precedence, and extracts another archive: this run fails. */
  | { readonly verdict: 'taken'; readonly by: Claim }
  /** The other run has precedence, and extracts the same archive: this run takes its claim back. */
  | { readonly verdict: 'withdraw'; readonly by: Claim }
  /** This run has precedence. The other run may be writing already, so this run waits until the other run's claim is gone. */
  | { readonly verdict: 'wait'; readonly by: Claim };

/**
 * Decides about the claims of other open runs. All runs decide with the same order of precedence: `unzipArchive` before
 * `unzipObject`, then the smaller run id. So two runs never wait for each other.
 */
export function decideClaim(own: Claim, others: readonly Claim[]): ClaimDecision {
  const overlapping = others.filter((other) => mayOverlap(own, other));
  const before = overlapping.filter((other) => precedes(other, own));
  const taken = before.find(({ key }) => key !== own.key);
  if (taken !== undefined) return { verdict: 'taken', by: taken };
  const [first] = before;
  if (first !== undefined) return { verdict: 'withdraw', by: first };
  const [other] = overlapping;
  return other === undefined ? { verdict: 'go' } : { verdict: 'wait', by: other };
}

/** Returns true if a run has precedence over another run. */
export function precedes(one: Claim, other: Claim): boolean {
  if (one.workflow !== other.workflow) return one.workflow === 'unzipArchive';
  return one.runId < other.runId;
}

/** Creates the error for a destination that belongs to another archive. */
export const destinationTaken = (archive: Archive, otherKey: string, why: string): InvalidInput =>
  new InvalidInput(
    'DestinationTaken',
    `${archiveLabel(archive)}: ${archive.destination} is taken: oss://${archive.bucket}/${otherKey} ${why}`,
  );
