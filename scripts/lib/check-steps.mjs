/** The checks of the code: lint and format, import rules, code limits, regular expressions, plain English. */
import { relative } from 'node:path';
import { checkCodeLimits } from './code-limits.mjs';
import { packageRoot } from './package-root.mjs';
import { checkPlainEnglish } from './plain-english.mjs';
import { runCommand } from './run-command.mjs';
import { checkRegexes } from './slow-regexes.mjs';
import { sourceFolders } from './source-files.mjs';

const TIMEOUT_MS = 5 * 60_000;

/** Runs every check and prints each result. Throws at the end if a check failed. The build checks the types. */
export async function checkSteps({ step }) {
  const outcomes = [];
  const check = (name, work, note) =>
    step(name, work, note).then(
      () => true,
      () => false,
    );
  outcomes.push(await check('lint, format', lint));
  outcomes.push(
    await check('import rules', async () =>
      node('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', [
        ...['--config', '.dependency-cruiser.cjs'],
        ...['--output-type', 'err'],
        ...(await sourceFolders()),
      ]),
    ),
  );
  outcomes.push(await check('code limits', checkCodeLimits, (summary) => summary));
  outcomes.push(await check('regexes', checkRegexes, (summary) => summary));
  outcomes.push(await check('plain English', checkPlainEnglish, (summary) => summary));
  if (outcomes.includes(false)) throw new Error('a check failed');
}

/** Runs Biome, and prints one line for each finding. */
async function lint() {
  const args = ['check', '.', '--reporter=github', '--error-on-warnings', '--diagnostic-level=warn'];
  try {
    await node('node_modules/@biomejs/biome/bin/biome', args);
  } catch (error) {
    const found = error.outputLines.flatMap((line) => {
      const [, rule, file, at, message] =
        /^::\w+ title=([^,]*),file=([^,]*),line=(\d+)(?:,[^:]*)?::(.*)/.exec(line) ?? [];
      return file === undefined ? [] : [`${relative(packageRoot, file)}:${at}  ${rule}: ${message}`];
    });
    if (found.length === 0) throw error;
    throw Object.assign(new Error('Biome found:'), {
      outputLines: found,
      remedy: 'npx biome check --write .',
    });
  }
}

async function node(script, args) {
  await runCommand(process.execPath, [script, ...args], {
    cwd: packageRoot,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    timeoutMs: TIMEOUT_MS,
  });
}
