/** Creates node_modules with `npm ci`, only if the lock file or Node's major version has changed. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';
import { runCommand } from './run-command.mjs';

const MIN_NODE_VERSION = [20, 19];
const TIMEOUT_MS = 15 * 60_000;

/** Throws if `version` (such as `20.19.0`) is too old for Sluice. */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > MIN_NODE_VERSION[0] || (major === MIN_NODE_VERSION[0] && minor >= MIN_NODE_VERSION[1])) return;
  throw new Error(
    `Sluice needs Node.js ${MIN_NODE_VERSION.join('.')} or newer, but this is ${version}: install it from https://nodejs.org`,
  );
}

/** Identifies the content of node_modules: the lock file's SHA-256 and Node's major version. */
export async function dependencyStamp(root, nodeVersion = process.versions.node) {
  const lock = await readFile(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} node${nodeVersion.split('.')[0]}\n`;
}

/**
 * Installs the dependencies under `root` if the stamp in its node_modules is missing or differs from `dependencyStamp`.
 * Returns true if it has installed them. Only tests replace `install`.
 */
export async function provideDependencies({ root = packageRoot, progress = () => {}, install = npmCi } = {}) {
  const stampFile = join(root, 'node_modules', '.sluice-stamp');
  const stamp = await dependencyStamp(root);
  const found = await readFile(stampFile, 'utf8').catch(() => '');
  if (found === stamp) return false;
  progress('npm ci');
  await install(root);
  await writeFile(stampFile, stamp);
  return true;
}

async function npmCi(root) {
  await runCommand('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: process.env,
    timeoutMs: TIMEOUT_MS,
    remedy: 'check that the npm registry can be reached (npm ping), then start again',
  });
}
