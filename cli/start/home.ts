import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { homeAccess } from '../../domain/home-access.ts';
import { CommandError } from '../command.ts';

const MIN_FREE_BYTES = 200 * 1024 ** 2;

/** The database of Temporal has these files: itself, and SQLite's log and shared memory. */
const TEMPORAL_FILES = ['', '-wal', '-shm'];

/**
 * Lets this process and its children create files that only their owner can read. The database and the logs have the
 * content of events.
 */
export function restrictNewFilesToOwner(): void {
  process.umask(0o077);
}

/** The paths in $SLUICE_HOME. */
export interface Home {
  readonly root: string;
  readonly logs: string;
  readonly local: string;
  readonly scratch: string;
  readonly temporalDb: string;
  readonly temporalToml: string;
  /** Exists after a run of the sample archive has ended, whatever its outcome. */
  readonly sampleDone: string;
  /** The token in endpoints.json. It stays the same across starts. */
  readonly apiToken: string;
  /**
   * The keys that encrypt channels' addresses and secrets, 32 bytes in base64 each. The first one encrypts, and all of
   * them decrypt.
   */
  readonly channelKeys: string;
  /** Set if other users can read the folder, and Sluice does not change this. */
  readonly warning?: string;
}

/**
 * Creates the folder if needed, and checks that it is writable.
 * @throws CommandError with the reason and what to do
 */
export function openHome(root: string): Home {
  const home = {
    root,
    logs: join(root, 'logs'),
    local: join(root, 'local'),
    scratch: join(root, 'scratch'),
    temporalDb: join(root, 'temporal.db'),
    temporalToml: join(root, 'temporal.toml'),
    sampleDone: join(root, 'sample-done'),
  };
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const warning = restrictToOwner(root);
    for (const folder of [home.logs, home.local, home.scratch]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
    }
    // Temporal creates these files itself, with the permissions that `restrictNewFilesToOwner` leaves.
    for (const file of TEMPORAL_FILES.map((suffix) => `${home.temporalDb}${suffix}`))
      if (existsSync(file)) chmodSync(file, 0o600);
    const probe = join(root, `.probe-${process.pid}`);
    writeFileSync(probe, Buffer.alloc(4_096));
    rmSync(probe);
    // Child processes read this file instead of the user's own Temporal settings. It has an empty profile, because
    // envconfig 1.24 fails on a file without a profile.
    writeFileSync(home.temporalToml, '[profile.default]\n');
    requireFreeSpace(root);
    const apiToken = readOrCreateSecret(join(root, 'api-token'), () => randomBytes(24).toString('base64url'));
    const channelKeys = readOrCreateSecret(join(root, 'channel-keys'), () =>
      randomBytes(32).toString('base64'),
    );
    return { ...home, apiToken, channelKeys, ...(warning === undefined ? {} : { warning }) };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `SLUICE_HOME ${root} cannot be used: ${messageOf(error)}; make it writable, or set SLUICE_HOME to another folder`,
      { cause: error },
    );
  }
}

/**
 * If an existing folder is Sluice's own, only its owner keeps access. Returns a warning if others can still read it.
 */
function restrictToOwner(root: string): string | undefined {
  const { mode, uid } = statSync(root);
  // Windows has no such permissions.
  if (process.getuid === undefined) return undefined;
  const access = homeAccess({
    ...{ mode: mode & 0o7777, ownedByUser: uid === process.getuid() },
    entries: readdirSync(root),
  });
  if (access === 'keep') return undefined;
  try {
    if (access === 'restrict') return void chmodSync(root, 0o700);
  } catch {
    // The warning tells what to do.
  }
  return `other users can read SLUICE_HOME ${root}; run \`chmod 700\` on it, or set SLUICE_HOME to another folder`;
}

function requireFreeSpace(root: string): void {
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize >= MIN_FREE_BYTES) return;
  const free = Math.floor((bavail * bsize) / 1024 ** 2);
  throw new CommandError(
    `the disk of SLUICE_HOME ${root} has only ${free} MiB left; free some space, or set SLUICE_HOME to another folder`,
  );
}

/** Reads a file that only its owner can read. Creates it with a new secret if it does not exist. */
function readOrCreateSecret(file: string, create: () => string): string {
  if (existsSync(file)) {
    // A restored backup may have lost the permissions.
    chmodSync(file, 0o600);
    return readFileSync(file, 'utf8').trim();
  }
  const secret = create();
  // The file is renamed when it is complete. With a half-written key, the rows that this key seals could not be opened.
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${secret}\n`, { mode: 0o600, flush: true });
  renameSync(next, file);
  return secret;
}
