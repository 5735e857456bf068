/** `node scripts/run.mjs <file in dist> [args]`: sets up, then runs a program that needs a Temporal server. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from './lib/package-root.mjs';
import { buildStep, dependenciesStep, temporalStep } from './lib/setup-steps.mjs';
import { createSteps, runScript } from './lib/steps.mjs';

await runScript(async () => {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) throw new Error('name a file of dist/ to run, such as bench/main.js');
  const steps = createSteps();
  await dependenciesStep(steps);
  const temporal = await temporalStep(steps);
  await buildStep(steps);
  const child = spawn(process.execPath, ['--enable-source-maps', join(packageRoot, 'dist', file), ...args], {
    cwd: packageRoot,
    env: { ...process.env, SLUICE_TEST_TEMPORAL: temporal },
    stdio: 'inherit',
  });
  // The terminal sends Ctrl-C to both processes. The program decides when to end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.exitCode = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
});
