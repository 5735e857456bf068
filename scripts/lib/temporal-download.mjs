/** The Temporal CLI's official download, in one version, checked against the checksums below. */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runCommand } from './run-command.mjs';
import { sha256Of } from './temporal-checksum.mjs';
import { CLI_VERSION } from './temporal-go-build.mjs';

export const DOWNLOAD_BASE = 'https://github.com/temporalio/cli/releases/download';

/**
 * The SHA-256 of the archives of version 1.5.1, by platform and processor. Each SHA-256 is published in two independent
 * repositories on GitHub. One is cashapp/hermit-packages (temporal-cli.hcl). The comment above each entry names the
 * other one.
 */
export const DOWNLOADS = {
  linux: {
    // zph/hermit-packages, temporal-cli.hcl
    x64: {
      archive: 'linux_amd64',
      sha256: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
    },
    // xiaojiou176-org/video-analysis-extract, scripts/ci_web_e2e.sh
    arm64: {
      archive: 'linux_arm64',
      sha256: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
    },
  },
  darwin: {
    // zph/hermit-packages, temporal-cli.hcl
    x64: {
      archive: 'darwin_amd64',
      sha256: 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
    },
    // zph/hermit-packages, temporal-cli.hcl
    arm64: {
      archive: 'darwin_arm64',
      sha256: 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
    },
  },
};

/** Timeout of the whole download. */
const DOWNLOAD_MS = 120_000;

/**
 * Downloads the CLI, checks it, unpacks it into `folder`, and returns the path of the executable. Nothing is unpacked
 * if the checksum is wrong.
 */
export async function downloadTemporal({
  folder,
  name,
  env,
  downloadBase,
  downloads,
  platform,
  arch,
  firstByteMs,
  onProgress,
}) {
  const download = downloads[platform]?.[arch];
  if (download === undefined)
    throw new Error(`there is no download with a known checksum for ${platform} on ${arch}`);
  const url = `${downloadBase}/v${CLI_VERSION}/temporal_cli_${CLI_VERSION}_${download.archive}.tar.gz`;
  const archive = join(folder, 'archive');

  onProgress(`downloading the Temporal CLI from ${new URL(url).host}`);
  const abort = new AbortController();
  const abortAfter = (ms, problem) =>
    setTimeout(() => abort.abort(new Error(`${problem} within ${ms / 1000} s`)), ms);
  const firstByteTimer = abortAfter(firstByteMs, 'no answer');
  const wholeTimer = abortAfter(DOWNLOAD_MS, 'not complete');
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(firstByteTimer);
    if (!response.ok || response.body === null) throw new Error(`answered HTTP ${response.status}`);
    await pipeline(Readable.fromWeb(response.body), createWriteStream(archive), { signal: abort.signal });
  } catch (error) {
    const reason = abort.signal.aborted ? abort.signal.reason : (error.cause ?? error);
    throw new Error(`${url}: ${reason.message || reason.code}`);
  } finally {
    clearTimeout(firstByteTimer);
    clearTimeout(wholeTimer);
  }

  const sha256 = await sha256Of(archive);
  if (sha256 !== download.sha256)
    throw new Error(`${url} has the SHA-256 ${sha256}; expected: ${download.sha256}. It was not unpacked`);
  await runCommand('tar', ['-xf', archive, '-C', folder], { env, timeoutMs: 60_000 });
  const made = join(folder, `new-${name}`);
  await rename(join(folder, name), made);
  return made;
}
