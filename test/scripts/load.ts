import { fileURLToPath } from 'node:url';

type Scripts = {
  steps: typeof import('../../scripts/lib/steps.mjs');
  dependencies: typeof import('../../scripts/lib/dependencies.mjs');
  temporal: typeof import('../../scripts/lib/temporal.mjs');
  'run-command': typeof import('../../scripts/lib/run-command.mjs');
  'slow-regexes': typeof import('../../scripts/lib/slow-regexes.mjs');
  'mutate/mutators': typeof import('../../scripts/mutate/mutators.mjs');
  'mutate/choose-mutants': typeof import('../../scripts/mutate/choose-mutants.mjs');
  'mutate/choose-tests': typeof import('../../scripts/mutate/choose-tests.mjs');
  'mutate/report': typeof import('../../scripts/mutate/report.mjs');
};

/** Loads a file of scripts/lib/ or scripts/mutate/, which run uncompiled. This file is three folders deep in dist/. */
export async function loadScript<Name extends keyof Scripts>(name: Name): Promise<Scripts[Name]> {
  const path = name.includes('/') ? name : `lib/${name}`;
  return import(fileURLToPath(new URL(`../../../scripts/${path}.mjs`, import.meta.url)));
}
