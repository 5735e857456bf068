import type { Explanation } from '../../gateway/operator/explain.ts';
import { whyNot } from '../explain/explanation-text.ts';

/**
 * Why a request's events would not be worked off if they were sent: a route would refuse one, or none wants any of
 * them. Undefined where they would be: something is started, or is too old to be started for good.
 */
export function whyNotSent(events: readonly Explanation[]): string | undefined {
  const routes = events.flatMap((event) => event.routes);
  const refused = routes.find(({ verdict }) => verdict === 'refused');
  if (refused !== undefined) return whyNot(refused);
  if (routes.some(({ verdict }) => verdict === 'start' || verdict === 'expired')) return undefined;
  const [only, ...others] = routes;
  const why = only === undefined || others.length > 0 ? '' : `: ${whyNot(only)}`;
  return `no route matches it${why}`;
}
