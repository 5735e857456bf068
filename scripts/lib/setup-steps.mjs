/** The set-up that every entry point goes through on a fresh clone, shown step by step. */
import { build } from './build.mjs';
import { provideDependencies, requireNode } from './dependencies.mjs';
import { provideTemporal } from './temporal.mjs';

const upToDate = (changed, elapsed) => (changed ? elapsed : 'up to date');

/** The installed dependencies, after Node's version. */
export async function dependenciesStep({ step }) {
  requireNode();
  await step('dependencies', (progress) => provideDependencies({ progress }), upToDate);
}

/** The compiled code and the workflow bundle. */
export async function buildStep({ step }) {
  await step('build', (progress) => build({ progress }), upToDate);
}

/** The path of a Temporal CLI that runs. */
export async function temporalStep({ step }) {
  return step(
    'Temporal',
    (progress) => provideTemporal({ onProgress: progress }),
    (path) => path,
  );
}
