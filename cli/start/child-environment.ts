import type { Environment } from '../../runtime/config.ts';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import type { Home } from './home.ts';
import { STARTED_FOR_VARIABLE } from './process-record.ts';

/** Settings that would lead a local process to somebody's real cluster, store or sink. */
const REMOVED_VARIABLES = [
  ...[/^TEMPORAL_/, /^OSS_/, /^K_/, /^SLUICE_EVENTS_SINK$/],
  ...[/^TABLESTORE_/, /^ALITABLESTORE$/, /^SLUICE_TABLESTORE_/, /^SOURCE_/],
];

/**
 * What every part gets: the inherited environment without what points elsewhere, and the local Temporal, named
 * explicitly, with an empty settings file. Loopback is never asked of a proxy.
 */
export function childEnvironment(
  inherited: Environment,
  home: Home,
  ports: LocalPorts,
): Record<string, string> {
  const kept = Object.entries(inherited).flatMap(([name, value]) =>
    value === undefined || REMOVED_VARIABLES.some((pattern) => pattern.test(name))
      ? []
      : [[name, value] as const],
  );
  const noProxy = [inherited.no_proxy ?? inherited.NO_PROXY, 'localhost', '127.0.0.1', '::1']
    .filter(Boolean)
    .join(',');
  return {
    ...Object.fromEntries(kept),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    [STARTED_FOR_VARIABLE]: home.root,
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: home.temporalToml,
  };
}
