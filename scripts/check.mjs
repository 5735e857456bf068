/** `npm run check`: checks types (by the build), lint, format, import rules and house limits. */
import { checkSteps } from './lib/check-steps.mjs';
import { buildStep, dependenciesStep } from './lib/setup-steps.mjs';
import { createSteps, runScript } from './lib/steps.mjs';

await runScript(async () => {
  const steps = createSteps();
  await dependenciesStep(steps);
  await buildStep(steps);
  await checkSteps(steps);
});
