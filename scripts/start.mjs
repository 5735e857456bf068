/** `npm start`: sets up a fresh clone, then runs `sluice start` in this process. */
import { buildStep, dependenciesStep } from './lib/setup-steps.mjs';
import { removeStaleEndpoints } from './lib/stale-endpoints.mjs';
import { createSteps, runScript } from './lib/steps.mjs';

await runScript(async () => {
  removeStaleEndpoints();
  const steps = createSteps();
  await dependenciesStep(steps);
  await buildStep(steps);
  process.argv = [process.argv[0] ?? 'node', 'sluice', 'start', ...process.argv.slice(2)];
  await import('../dist/cli/main.js');
});
