import { closeSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';

/** Options for a test that needs the functions below. */
export const listsOpenFiles = { skip: process.platform !== 'linux' && 'open files are read from /proc' };

/** The paths below `folder` of the files that this process has open. */
export const openFiles = async (folder: string): Promise<string[]> =>
  (await descriptors(folder)).map(({ path }) => path);

/** Closes the open files below `folder` without the knowledge of their owner, so that closing them again fails. */
export async function breakOpenFiles(folder: string): Promise<void> {
  for (const { descriptor } of await descriptors(folder)) closeSync(descriptor);
}

async function descriptors(folder: string): Promise<{ descriptor: number; path: string }[]> {
  const all = await readdir('/proc/self/fd');
  // The descriptor that was used to read the list is closed again, so it has no link.
  const paths = await Promise.all(all.map((each) => readlink(`/proc/self/fd/${each}`).catch(() => '')));
  return all
    .map((each, at) => ({ descriptor: Number(each), path: paths[at] ?? '' }))
    .filter(({ path }) => path.startsWith(`${folder}/`));
}
