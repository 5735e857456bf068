import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A file of an archive as Python's zipfile reads it. */
export interface PythonFile {
  /** A name that declares no charset is read as CP437. */
  readonly name: string;
  readonly rawName: Buffer;
  readonly sha256: string;
}

/**
 * Reads archives with Python's zipfile. The result has one element for each path: the files of the archive, or undefined
 * if zipfile cannot read it. If Python cannot be run, there is no result.
 */
export function readWithPython(
  paths: readonly string[],
): readonly (readonly PythonFile[] | undefined)[] | undefined {
  const script = fileURLToPath(new URL('../../../test/support/read-zips.py', import.meta.url));
  const { status, stdout } = spawnSync('python3', [script], {
    input: paths.map((path) => `${path}\n`).join(''),
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) return undefined;
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const files = JSON.parse(line) as readonly [string, string, string][] | null;
      return files?.map(([name, hex, sha256]) => ({ name, rawName: Buffer.from(hex, 'hex'), sha256 }));
    });
}
