/** Lists Sluice's TypeScript files and hashes their content. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { packageRoot } from './package-root.mjs';

/** The existing folders of tsconfig.json's `include`. */
export async function sourceFolders() {
  const { include } = JSON.parse(await readFile(join(packageRoot, 'tsconfig.json'), 'utf8'));
  return include.filter((folder) => existsSync(join(packageRoot, folder)));
}

/** All .ts files of Sluice, sorted, relative to the root, with forward slashes. */
export async function sourceFiles() {
  const files = [];
  for (const folder of await sourceFolders()) {
    for (const entry of await readdir(join(packageRoot, folder), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.d.ts')) continue;
      files.push(
        relative(packageRoot, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'),
      );
    }
  }
  return files.sort();
}

/** SHA-256 over the names and contents of files under the root. */
export async function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = await readFile(join(packageRoot, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
