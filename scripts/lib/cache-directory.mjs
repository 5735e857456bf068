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
 * Returns the folder `name` of the cache. If this folder does not exist, creates it: `make(folder)` fills a temporary
 * folder, which is then renamed. Returns undefined if the folder does not exist and `canMake()` returns false. Safe for
 * concurrent runs.
 */
export async function fillOnce(name, { env, canMake, make }) {
  const cache = cacheDirectory(env);
  const folder = join(cache, name);
  if (await exists(folder)) return folder;
  if (!(await canMake())) return undefined;
  await mkdir(cache, { recursive: true });
  const temporaryFolder = await mkdtemp(join(cache, '.making-'));
  try {
    await make(temporaryFolder);
    // A concurrent run may have been faster. Both results are the same.
    await rename(temporaryFolder, folder).catch(async (error) => {
      if (!(await exists(folder))) throw error;
    });
    return folder;
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );
