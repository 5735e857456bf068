import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OSS from 'ali-oss';

/** The replaced service uploads this many files at the same time. */
const PARALLEL = 5;

/**
 * The pipeline of the service that Sluice replaces: download the archive, `unzip -q`, upload five files at the same
 * time. This copy uses the same upload client as Sluice. It omits that service's ten-second limits and its shell.
 */
export async function originalPipeline(
  endpoint: string,
  bucket: string,
  key: string,
  target: string,
): Promise<void> {
  const options = {
    endpoint,
    bucket,
    accessKeyId: 'local',
    accessKeySecret: 'local-secret',
    sldEnable: true,
  };
  const oss = new OSS({ ...options, timeout: 600_000 } as OSS.Options);
  const dir = await mkdtemp(join(tmpdir(), 'sluice-original-'));
  try {
    await oss.get(key, join(dir, 'archive.zip'));
    const unzip = spawn('unzip', ['-q', '-d', join(dir, 'out'), join(dir, 'archive.zip')], {
      stdio: 'ignore',
    });
    const [code] = await once(unzip, 'exit');
    if (code !== 0) throw new Error(`unzip ended with ${code}`);
    const entries = await readdir(join(dir, 'out'), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const queue = files.values();
    const uploadFiles = async (): Promise<void> => {
      for (const path of queue) await oss.put(`${target}${path.slice(dir.length + 5)}`, path);
    };
    await Promise.all(Array.from({ length: PARALLEL }, uploadFiles));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
