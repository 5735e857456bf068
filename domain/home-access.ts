/** What Sluice creates in its home. Some files are first written under a name with a suffix. */
const OWN_ENTRY =
  /^(logs|local|scratch|sample-done|temporal\.toml|\.probe-\d+|(api-token|channel-keys|temporal\.db|endpoints\.json|pids\.json|supervisor\.lock)([.-].+)?)$/;

const OTHERS = 0o077;
const SHARED = 0o1002;

/** A folder that is used as the home. */
export interface HomeFolder {
  /** The permissions, with the sticky bit. */
  readonly mode: number;
  readonly ownedByUser: boolean;
  readonly entries: readonly string[];
}

/**
 * Decides what a start does about the permissions of an existing home. `keep`: nothing. `restrict`: only the owner
 * keeps access. `warn`: the folder is not Sluice's own, so others may use it. Such a folder has another owner, is
 * shared like `/tmp`, or has files that Sluice did not create.
 */
export function homeAccess({ mode, ownedByUser, entries }: HomeFolder): 'keep' | 'restrict' | 'warn' {
  if ((mode & OTHERS) === 0) return 'keep';
  const isOwn = ownedByUser && (mode & SHARED) === 0 && entries.every((name) => OWN_ENTRY.test(name));
  return isOwn ? 'restrict' : 'warn';
}
