import type { RequiredTokens } from '../require-token.ts';
import type { AlertDeps } from './alert-deps.ts';
import type { AlertStore } from './alert-store.ts';

/** The dependencies of the routes of alerts. */
export interface AlertRouteDeps extends Omit<AlertDeps, 'store'> {
  readonly store: AlertStore;
  readonly tokens: RequiredTokens;
  /** True after SIGTERM. */
  readonly draining: () => boolean;
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
}
