import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Sluice's folder in the user's cache directory, as each platform has it. */
export function cacheDirectory(env = process.env, platform = process.platform) {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'sluice');
  const home = env.HOME ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'sluice');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'sluice');
  return join(home, '.cache', 'sluice');
}

/**
 * Answers the folder `name` of the cache, filled once by `make(folder)`; undefined where it is not there and
 * `canMake()` says that it cannot be made. Safe to run several times at once.
 */
export async function fillOnce(name, { env, canMake, make }) {
  const cache = cacheDirectory(env);
  const folder = join(cache, name);
  if (await isThere(folder)) return folder;
  if (!(await canMake())) return undefined;
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(join(cache, '.making-'));
  try {
    await make(making);
    // Another run may have been faster; both are the same.
    await rename(making, folder).catch(async (error) => {
      if (!(await isThere(folder))) throw error;
    });
    return folder;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

const isThere = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );
