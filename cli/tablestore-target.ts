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

/** A Tablestore, and where its address comes from. */
interface TablestoreTarget {
  readonly tablestore: TablestoreConfig;
  readonly from: string;
}

/** The part of `--help` about the address. */
export const tablestoreHelp = `
The address of Tablestore comes from TABLESTORE_ENDPOINT, TABLESTORE_INSTANCE, TABLESTORE_ACCESSKEYID and
TABLESTORE_ACCESSKEYSECRET (or ALITABLESTORE), or a running \`sluice start\`, or its default port.`;

/** Uses, in this order: the environment, a running `sluice start`, the default port. */
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

/** Opens a connection. The caller closes it. */
function connectTo({ tablestore }: TablestoreTarget): OtsTransport {
  const { endpoint = '', instance } = tablestore;
  return createOtsTransport({
    endpoint,
    instance,
    credentials: tablestoreCredentials(tablestore, () => undefined),
    http: createHttpClient({ maxConnections: 32 }),
  });
}

/** Short limits, because a person waits. */
export const interactiveRetryLimits: RetryLimits = {
  totalMs: 3_000,
  isFinal: isUnknownKey,
};

/** Calls `work` with a connection. Error messages begin with `subject` and contain the service's own message. */
export async function withTablestore<T>(
  target: TablestoreTarget,
  subject: string,
  work: (transport: OtsTransport) => Promise<T>,
): Promise<T> {
  const transport = connectTo(target);
  try {
    return await work(transport);
  } catch (error) {
    if (error instanceof OtsError) throw new CommandError(`${subject}: ${error.code}: ${error.message}`);
    if (error instanceof OtsUnreachable) throw new CommandError(`${subject}: ${error.message}`);
    throw error;
  } finally {
    transport.close();
  }
}
