import type { Environment } from '../../runtime/config.ts';
import type { LocalPorts } from '../../runtime/local-ports.ts';
import type { Home } from './home.ts';
import { STARTED_FOR_VARIABLE } from './process-record.ts';

/** Settings that could connect a local process to a real cluster, store or sink. */
const REMOVED_VARIABLES = [
  ...[/^TEMPORAL_/, /^OSS_/, /^K_/, /^SLUICE_EVENTS_SINK$/],
  ...[/^TABLESTORE_/, /^ALITABLESTORE$/, /^SLUICE_TABLESTORE_/, /^SOURCE_/],
];

/**
 * The environment of every child process. It is the inherited environment without REMOVED_VARIABLES. In addition, it
 * has the address of the local Temporal with an empty settings file. Requests to loopback bypass proxies.
 */
export function childEnvironment(
  inherited: Environment,
  home: Home,
  ports: LocalPorts,
): Record<string, string> {
  const passedOn = Object.entries(inherited).flatMap(([name, value]) =>
    value === undefined || REMOVED_VARIABLES.some((pattern) => pattern.test(name))
      ? []
      : [[name, value] as const],
  );
  const noProxy = [inherited.no_proxy ?? inherited.NO_PROXY, 'localhost', '127.0.0.1', '::1']
    .filter(Boolean)
    .join(',');
  return {
    ...Object.fromEntries(passedOn),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    [STARTED_FOR_VARIABLE]: home.root,
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: home.temporalToml,
  };
}
