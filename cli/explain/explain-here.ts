import { join } from 'node:path';
import { BadEvent } from '../../gateway/decode/bad-event.ts';
import type { RawRequest } from '../../gateway/decode/decode-request.ts';
import { explain } from '../../gateway/operator/explain.ts';
import { loadRoutes } from '../../gateway/routes/load-routes.ts';
import type { Environment } from '../../runtime/config.ts';
import { packageRoot } from '../config.ts';
import { variablesHere } from '../variables-here.ts';
import { type Explained, toExplained } from './explained.ts';

/**
 * Explains a request by the shipped routes and those of `file`, as a gateway with this file would; throws `ConfigError`
 * with all mistakes in it. Secrets that its sources name are not needed here: those that are not set are told.
 */
export function explainHere(request: RawRequest, file: string, environment: Environment): Explained {
  const variables = variablesHere(environment);
  const routes = loadRoutes([join(packageRoot, 'gateway', 'routes.yaml'), file], variables.lookUp);
  variables.tellUnset();
  try {
    return toExplained(explain(request, routes, Date.now()));
  } catch (error) {
    if (!(error instanceof BadEvent)) throw error;
    return { refused: error.message };
  }
}
