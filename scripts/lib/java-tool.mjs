/** Java programs that tests compare Sluice with. Maven downloads their libraries once into the user's cache. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillOnce } from './cache-directory.mjs';
import { runCommand } from './run-command.mjs';

const DOWNLOAD_MS = 10 * 60_000;

/**
 * Returns the arguments of `java` for the program `file` in the folder `project`. The pom.xml of the folder lists the
 * libraries. Returns undefined if Java is missing. Also returns undefined if Maven is missing and the libraries are not
 * in the cache yet. `name` is the name of their folder in the cache.
 */
export async function provideJavaProgram(project, file, { name, env = process.env, onProgress = () => {} }) {
  const run = (program, args, timeoutMs) => runCommand(program, args, { cwd: project, env, timeoutMs });
  const exists = (program) =>
    run(program, ['-version'], 60_000).then(
      () => true,
      () => false,
    );
  if (!(await exists('javac'))) return undefined;
  const pom = await readFile(join(project, 'pom.xml'));
  const folder = await fillOnce(`${name}-${createHash('sha256').update(pom).digest('hex').slice(0, 8)}`, {
    env,
    canMake: () => exists('mvn'),
    async make(temporaryFolder) {
      onProgress(`downloading the libraries of ${name} with Maven, once`);
      const options = [`-DoutputDirectory=${temporaryFolder}`, `-f=${join(project, 'pom.xml')}`];
      await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', ...options], DOWNLOAD_MS);
    },
  });
  return folder === undefined ? undefined : ['-cp', join(folder, '*'), join(project, file)];
}
