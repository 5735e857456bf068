/** `npm run build`: installs dependencies and builds dist/. */
import { buildStep, dependenciesStep } from './lib/setup-steps.mjs';
import { createSteps, runScript } from './lib/steps.mjs';

await runScript(async () => {
  const steps = createSteps();
  await dependenciesStep(steps);
  await buildStep(steps);
});
