/** The Temporal CLI's official download: https://docs.temporal.io/cli#install */
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runCommand } from './run-command.mjs';

const PLATFORMS = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const ARCHS = { x64: 'amd64', arm64: 'arm64' };
/** Timeout of the whole download. */
const DOWNLOAD_MS = 120_000;

/** Downloads the newest CLI, unpacks it into `folder`, and returns the path of the executable. */
export async function downloadTemporal({
  folder,
  name,
  downloadBase,
  platform,
  arch,
  firstByteMs,
  onProgress,
}) {
  const target = { platform: PLATFORMS[platform], arch: ARCHS[arch] };
  if (!target.platform || !target.arch) throw new Error(`there is no download for ${platform} on ${arch}`);
  const url = `${downloadBase}/cli/archive/latest?platform=${target.platform}&arch=${target.arch}`;
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

  // The download for Windows is a zip file. `tar` on Windows is bsdtar, which detects the format.
  await runCommand('tar', ['-xf', archive, '-C', folder], { env: process.env, timeoutMs: 60_000 });
  const made = join(folder, `new-${name}`);
  await rename(join(folder, name), made);
  return made;
}
