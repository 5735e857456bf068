import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';

/** The LMDB environment of the local cloud: all its tables, so that one transaction can span them. */
export type LocalDatabase = RootDatabase;

/**
 * Opens the environment in `dir`, making it when there is none. Commits are not synced to the disk: they survive
 * `kill -9` of the process, which is what a local cloud promises, not a power cut.
 * @throws Error where there is a file that is none of LMDB's: LMDB itself would end the process by a signal
 */
export function openLocalDatabase(dir: string): LocalDatabase {
  rejectNonLmdbFile(join(dir, 'data.mdb'));
  return open({ path: dir, noSync: true, overlappingSync: false, maxDbs: 32 });
}

/** What an LMDB file has behind the head of its first page: `MDB_MAGIC` in lmdb's mdb.c. */
const LMDB_MAGIC = { offset: 24, value: 0xbeefc0de };

function rejectNonLmdbFile(file: string): void {
  const head = Buffer.alloc(LMDB_MAGIC.offset + 4);
  try {
    const descriptor = openSync(file, 'r');
    try {
      if (readSync(descriptor, head) === 0) return;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (head.readUInt32LE(LMDB_MAGIC.offset) !== LMDB_MAGIC.value)
    throw new Error(`${file} is damaged: it is no LMDB file; move it away, and the local cloud begins anew`);
}
