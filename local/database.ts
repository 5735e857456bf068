import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';

/** An LMDB environment. It holds all its databases in one file, so that one transaction can span several of them. */
export type LocalDatabase = RootDatabase;

/**
 * Opens the environment in `dir` and creates it if it does not exist. Commits are not synced to the disk. So they
 * survive `kill -9` of the process, but not a power cut.
 * @throws Error if the file is not an LMDB file. For such a file, LMDB itself would end the process with a signal.
 */
export function openLocalDatabase(dir: string): LocalDatabase {
  rejectNonLmdbFile(join(dir, 'data.mdb'));
  return open({ path: dir, noSync: true, overlappingSync: false, maxDbs: 32 });
}

/** The magic number in the first page of an LMDB file: `MDB_MAGIC` in lmdb's mdb.c. */
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
    throw new Error(
      `${file} is not an LMDB file: move it to another folder, and the local cloud starts empty`,
    );
}
