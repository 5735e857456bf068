import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInput, messageOf } from '../domain/errors.ts';
import { isUnknownKey, OtsError } from '../ots/errors.ts';
import type { TablesApi } from '../ots/tables-api.ts';
import type { TunnelApi } from '../ots/tunnel/tunnel-api.ts';
import { tunnelErrorAction } from '../ots/tunnel/tunnel-error-action.ts';
import type { StreamStart, TunnelInfo } from '../ots/tunnel/tunnel-info.ts';
import type { Log } from '../runtime/log.ts';

/** What the source wants of the service. */
export interface DesiredTunnel {
  readonly table: string;
  readonly tunnel: string;
  readonly base: boolean;
  readonly start: 'latest' | 'earliest' | number;
  readonly streamHours: number;
  /** Key columns that become attributes. */
  readonly keyColumns: readonly string[];
}

interface ProvisionResult {
  readonly tunnelId: string;
  /** What was made just now. */
  readonly created: readonly string[];
  /** What is other than wanted, and cannot be changed without losing something. */
  readonly drift: readonly string[];
}

/**
 * Sees that the table has a stream and a tunnel, making what is absent and changing nothing that is there.
 * @throws InvalidInput for a table that is not there, for key columns it does not have, for an expired tunnel
 */
export async function provision(
  tables: TablesApi,
  tunnels: TunnelApi,
  wanted: DesiredTunnel,
  signal: AbortSignal,
): Promise<ProvisionResult> {
  const { table, tunnel: name, base, streamHours } = wanted;
  const description = await tables.describe(table, signal);
  if (description === undefined) throw new InvalidInput('NoTable', `table ${table} does not exist`);
  const missing = wanted.keyColumns.filter((column) => !description.primaryKey.includes(column));
  if (missing.length > 0) {
    const sentence = `SOURCE_EXTENSIONS names ${missing.join(', ')}, the key of table ${table} is ${description.primaryKey.join(', ')}`;
    throw new InvalidInput('NoKeyColumn', sentence);
  }
  const made: string[] = [];
  if (description.stream?.enableStream !== true) {
    await tables.enableStream(table, streamHours, signal).catch(async (error: unknown) => {
      // Another replica may have been faster.
      const now = await tables.describe(table, signal);
      if (now?.stream?.enableStream !== true) throw error;
    });
    made.push(`stream of table ${table}, kept for ${streamHours} h`);
  }
  let found = await tunnels.describe(table, name, signal);
  if (found === undefined) {
    const type = base ? 'BaseAndStream' : 'Stream';
    // Here, too.
    await tunnels
      .create({ table, name, type, start: streamStart(wanted.start) }, signal)
      .catch((error: unknown) => {
        if (!(error instanceof OtsError) || error.code !== 'OTSTunnelExist') throw error;
      });
    made.push(`tunnel ${name} of table ${table}, ${type}`);
    found = await tunnels.describe(table, name, signal);
  }
  if (found === undefined)
    throw new InvalidInput('NoTunnel', `tunnel ${name} of table ${table} was just made and is gone`);
  if (found.tunnel.expired === true) {
    const sentence = `tunnel ${name} of table ${table} is expired: what it had not read is gone; delete it (sluice source --delete-tunnel) to begin anew`;
    throw new InvalidInput('TunnelExpired', sentence);
  }
  const drift = findDrift(found.tunnel, description.stream?.expirationTime, wanted);
  return { tunnelId: found.tunnel.tunnelId, created: made, drift };
}

/** What differs, a sentence each. */
function findDrift(found: TunnelInfo, streamHours: number | undefined, wanted: DesiredTunnel): string[] {
  const type = wanted.base ? 'BaseAndStream' : 'Stream';
  const sentences: string[] = [];
  if (found.tunnelType !== type)
    sentences.push(`tunnel ${wanted.tunnel} is of type ${found.tunnelType}, SOURCE_BASE wants ${type}`);
  if (streamHours !== undefined && streamHours !== wanted.streamHours)
    sentences.push(
      `the stream of table ${wanted.table} keeps ${streamHours} h, SOURCE_STREAM_HOURS wants ${wanted.streamHours}`,
    );
  return sentences;
}

function streamStart(start: DesiredTunnel['start']): StreamStart {
  if (typeof start === 'number') return { startOffset: BigInt(start) * 1_000_000n };
  return { flag: start === 'latest' ? 'LATEST' : 'EARLIEST' };
}

interface ProvisionDeps {
  readonly tables: TablesApi;
  readonly tunnels: TunnelApi;
  readonly log: Log;
  /** Whether the keys may change while the source runs: then one that the service does not know is no reason to end. */
  readonly keysMayChange: boolean;
  /** Told why it is not done yet. */
  readonly onProblem: (sentence: string) => void;
}

/** Between tries to find table and tunnel while the service cannot be reached, or refuses. */
const RETRY_MS = 5_000;

/**
 * The id of the tunnel, once it and the table are there: tries until they are, for a table may still be made, and whoever
 * starts everything at once need not start again.
 * @throws what only a person can mend
 */
export async function provisionWithRetry(
  { tables, tunnels, log, keysMayChange, onProblem }: ProvisionDeps,
  wanted: DesiredTunnel,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      const { tunnelId, created, drift } = await provision(tables, tunnels, wanted, signal);
      for (const what of created) log.info({ made: what }, 'made what was absent');
      for (const sentence of drift)
        log.warn({ drift: sentence }, 'found otherwise than configured, left as it is');
      return tunnelId;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      if (isUnknownKey(error) && !keysMayChange)
        throw new InvalidInput(
          'UnknownKey',
          `Tablestore refuses TABLESTORE_ACCESSKEYID: ${messageOf(error)}`,
        );
      onProblem(messageOf(error));
      log.warn({ reason: messageOf(error) }, 'table and tunnel could not be looked at yet');
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof InvalidInput ? error.type !== 'NoTable' : tunnelErrorAction(error, 'tunnel') === 'fatal';
