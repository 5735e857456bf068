import { fileURLToPath } from 'node:url';

type Scripts = {
  steps: typeof import('../../scripts/lib/steps.mjs');
  dependencies: typeof import('../../scripts/lib/dependencies.mjs');
  temporal: typeof import('../../scripts/lib/temporal.mjs');
  'run-command': typeof import('../../scripts/lib/run-command.mjs');
};

/** Loads a file of scripts/lib/, which runs uncompiled. This file is three folders deep in dist/. */
export async function loadScript<Name extends keyof Scripts>(name: Name): Promise<Scripts[Name]> {
  return import(fileURLToPath(new URL(`../../../scripts/lib/${name}.mjs`, import.meta.url)));
}
