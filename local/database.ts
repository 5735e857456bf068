import { open, type RootDatabase } from 'lmdb';

/** The LMDB environment of the local cloud: all its tables, so that one transaction can span them. */
export type LocalDatabase = RootDatabase;

/**
 * Opens the environment in `dir`, making it when there is none. Commits are not synced to the disk: they survive
 * `kill -9` of the process, which is what a local cloud promises, not a power cut.
 */
export function openLocalDatabase(dir: string): LocalDatabase {
  return open({ path: dir, noSync: true, overlappingSync: false, maxDbs: 32 });
}
