/** Finds processes (by a tag in their environment) and folders (by name) that a test run has not removed. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const GRACE_MS = 3_000;

/**
 * The processes with `tag` (`NAME=value`) in their environment, as `{pid, command}`. Waits a moment for processes
 * that are about to end. Returns undefined on systems without /proc.
 */
export async function leftoverProcesses(tag) {
  const until = Date.now() + GRACE_MS;
  for (;;) {
    const found = await processesWithTag(tag);
    if (found === undefined || found.length === 0 || Date.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function processesWithTag(tag) {
  const pids = await readdir('/proc').catch(() => undefined);
  if (pids === undefined) return undefined;
  const found = [];
  for (const pid of pids) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(tag)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    found.push({ pid: Number(pid), command: command.replaceAll('\0', ' ').trim().slice(0, 160) });
  }
  return found;
}

/** Folders in `folder` that tests have created (their names start with `sluice-`) and not deleted. */
export async function leftoverFolders(folder) {
  const names = await readdir(folder);
  return names.filter((name) => name.startsWith('sluice-')).map((name) => join(folder, name));
}
