/** The set-up steps for a fresh clone, with output on the terminal. */
import { build } from './build.mjs';
import { provideDependencies, requireNode } from './dependencies.mjs';
import { provideTemporal } from './temporal.mjs';

const elapsedOrUpToDate = (changed, elapsed) => (changed ? elapsed : 'up to date');

/** Checks Node's version and installs the dependencies. */
export async function dependenciesStep({ step }) {
  requireNode();
  await step('dependencies', (progress) => provideDependencies({ progress }), elapsedOrUpToDate);
}

/** Compiles the code and bundles the workflows. */
export async function buildStep({ step }) {
  await step('build', (progress) => build({ progress }), elapsedOrUpToDate);
}

/** Returns the path of a working Temporal CLI. */
export async function temporalStep({ step }) {
  return step(
    'Temporal',
    (progress) => provideTemporal({ onProgress: progress }),
    (path) => path,
  );
}
