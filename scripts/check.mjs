/** `npm run check`: checks types (by the build), lint, format, import rules, code limits and plain English. */
import { checkSteps } from './lib/check-steps.mjs';
import { buildStep, dependenciesStep } from './lib/setup-steps.mjs';
import { createSteps, runScript } from './lib/steps.mjs';

await runScript(async () => {
  const steps = createSteps();
  await dependenciesStep(steps);
  await buildStep(steps);
  await checkSteps(steps);
});
