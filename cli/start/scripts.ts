import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../config.ts';

type StepsModule = typeof import('../../scripts/lib/steps.mjs');
type TemporalModule = typeof import('../../scripts/lib/temporal.mjs');

/** The set-up's own steps, for lines on the terminal that go on in the same form. */
export async function loadSteps(): Promise<StepsModule> {
  return import(urlOf('steps.mjs'));
}

/** The set-up's provider of the Temporal CLI. */
export async function loadTemporalProvider(): Promise<TemporalModule> {
  return import(urlOf('temporal.mjs'));
}

/** These run before anything is compiled, so they are not in dist/. */
const urlOf = (file: string): string => pathToFileURL(join(packageRoot, 'scripts', 'lib', file)).href;
