import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Sluice's folder in the user's cache directory of the platform. */
export function cacheDirectory(env = process.env, platform = process.platform) {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'sluice');
  const home = env.HOME ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'sluice');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'sluice');
  return join(home, '.cache', 'sluice');
}

/**
 * Returns the folder `name` of the cache. If it does not exist, `make(folder)` fills it once. Returns undefined if it
 * does not exist and `canMake()` is false. Safe for concurrent runs.
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
    // A concurrent run may have been faster. Both results are the same.
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
