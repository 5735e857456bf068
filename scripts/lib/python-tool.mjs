/** Python packages that tests compare Sluice with, installed once into a virtual environment in the user's cache. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from './cache-directory.mjs';
import { runCommand } from './run-command.mjs';

const INSTALL_MS = 10 * 60_000;

/**
 * Returns the path of a Python with the packages of the file `requirements`, in a cache folder named after `name`.
 * Returns undefined if Python (`SLUICE_TEST_PYTHON`, else `python3`) is missing, or has no venv and pip. Safe for
 * concurrent runs.
 */
export async function providePythonTool({ name, requirements, env = process.env, onProgress = () => {} }) {
  const python = env.SLUICE_TEST_PYTHON || 'python3';
  const run = (program, args) => runCommand(program, args, { env, timeoutMs: INSTALL_MS });
  // A Python without venv and pip cannot install packages.
  const version = await run(python, [
    '-c',
    'import sys, venv, ensurepip; print(sys.version, sys.prefix)',
  ]).catch(() => undefined);
  if (version === undefined) return undefined;
  const hash = createHash('sha256')
    .update(version)
    .update(await readFile(requirements));
  const folder = await fillOnce(`${name}-${hash.digest('hex').slice(0, 8)}`, {
    env,
    canMake: async () => true,
    // The folder is renamed later. The interpreter still finds its packages, because their paths are relative to its
    // own path.
    async make(temporaryFolder) {
      onProgress(`installing ${name} with Python, once`);
      await run(python, ['-m', 'venv', temporaryFolder]);
      await run(pythonIn(temporaryFolder), [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'],
        ...['--requirement', requirements],
      ]);
    },
  });
  return pythonIn(folder);
}

const pythonIn = (folder) =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
