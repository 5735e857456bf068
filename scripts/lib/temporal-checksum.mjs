/** The SHA-256 of the Temporal CLI in the cache. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandFailed } from './run-command.mjs';

/**
 * Beside each copy there is an empty file. Its name is this prefix and the SHA-256 of the copy. So concurrent runs
 * cannot overwrite a checksum.
 */
const PREFIX = 'sha256-';

export async function sha256Of(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Records the checksum of `made`, which is then renamed to `target`. The folder of `target` exists. */
export async function recordChecksum(made, target) {
  await writeFile(join(dirname(target), PREFIX + (await sha256Of(made))), '');
}

/**
 * Checks a cached copy against the recorded checksums. Earlier versions of Sluice recorded none; such a copy is
 * recorded at its first use.
 * @throws CommandFailed if the copy has changed
 */
export async function requireUnchanged(copy) {
  const folder = dirname(copy);
  const recorded = (await readdir(folder)).filter((name) => name.startsWith(PREFIX));
  // A cache that cannot be written keeps no checksum.
  if (recorded.length === 0) return recordChecksum(copy, copy).catch(() => {});
  const sha256 = await sha256Of(copy);
  if (recorded.includes(PREFIX + sha256)) return;
  const expected = recorded.map((name) => name.slice(PREFIX.length)).join(' or ');
  throw new CommandFailed(`${copy} has the SHA-256 ${sha256}; expected: ${expected}. It was not executed`, {
    remedy: `delete ${folder}, then start again; Sluice then provides the Temporal CLI again`,
  });
}
