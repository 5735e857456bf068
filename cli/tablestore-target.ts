import type { RetryLimits } from '../ots/call-with-retry.ts';
import { isUnknownKey, OtsError, OtsUnreachable } from '../ots/errors.ts';
import { createOtsTransport, type OtsTransport } from '../ots/transport.ts';
import { createHttpClient } from '../runtime/http-client.ts';
import { localPorts } from '../runtime/local-ports.ts';
import { loadTablestoreConfig, type TablestoreConfig } from '../runtime/tablestore-config.ts';
import { tablestoreCredentials } from '../runtime/tablestore-credentials.ts';
import { CommandError } from './command.ts';
import type { CliConfig } from './config.ts';
import { liveEndpoints } from './endpoints-file.ts';

/** Which Tablestore is meant, and what said so. */
interface TablestoreTarget {
  readonly tablestore: TablestoreConfig;
  readonly from: string;
}

/** What `--help` says about the address. */
export const tablestoreHelp = `
Which Tablestore is meant: TABLESTORE_ENDPOINT, TABLESTORE_INSTANCE, TABLESTORE_ACCESSKEYID, TABLESTORE_ACCESSKEYSECRET
(or ALITABLESTORE), then a running \`sluice start\`, then its default port.`;

/** The environment's, a running start's, or that of the default port, in this order. */
export function resolveTablestore(config: CliConfig): TablestoreTarget {
  const { environment, home, portOffset } = config;
  if (environment.TABLESTORE_ENDPOINT || environment.ALITABLESTORE)
    return { tablestore: loadTablestoreConfig(environment), from: 'the environment' };
  const live = liveEndpoints(home);
  const endpoint = live?.tablestore ?? `http://localhost:${localPorts(portOffset).tablestore}`;
  const local = {
    ...{ TABLESTORE_ENDPOINT: endpoint, TABLESTORE_INSTANCE: 'sluice-local' },
    ...{ TABLESTORE_ACCESSKEYID: 'local', TABLESTORE_ACCESSKEYSECRET: 'local-secret' },
  };
  return {
    tablestore: loadTablestoreConfig(local),
    from: live === undefined ? 'the default' : 'sluice start',
  };
}

/** A connection to it, which the caller closes. */
function connectTo({ tablestore }: TablestoreTarget): OtsTransport {
  const { endpoint = '', instance } = tablestore;
  return createOtsTransport({
    endpoint,
    instance,
    credentials: tablestoreCredentials(tablestore, () => undefined),
    http: createHttpClient({ maxConnections: 32 }),
  });
}

/** A person waits: what does not pass within seconds, or by itself, is said. */
export const interactiveRetryLimits: RetryLimits = {
  totalMs: 3_000,
  isFinal: isUnknownKey,
};

/** Does `work` over a connection of its own; what the service refuses is said of `what`, in the service's own words. */
export async function withTablestore<T>(
  target: TablestoreTarget,
  what: string,
  work: (transport: OtsTransport) => Promise<T>,
): Promise<T> {
  const transport = connectTo(target);
  try {
    return await work(transport);
  } catch (error) {
    if (error instanceof OtsError) throw new CommandError(`${what}: ${error.code}: ${error.message}`);
    if (error instanceof OtsUnreachable) throw new CommandError(`${what}: ${error.message}`);
    throw error;
  } finally {
    transport.close();
  }
}
