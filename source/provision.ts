import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInput, messageOf } from '../domain/errors.ts';
import { isUnknownKey, OtsError } from '../ots/errors.ts';
import type { TablesApi } from '../ots/tables-api.ts';
import type { TunnelApi } from '../ots/tunnel/tunnel-api.ts';
import { tunnelErrorAction } from '../ots/tunnel/tunnel-error-action.ts';
import type { StreamStart, TunnelInfo } from '../ots/tunnel/tunnel-info.ts';
import type { Log } from '../runtime/log.ts';

/** The table, stream and tunnel that the source needs. */
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
  /** What was missing, and exists now. */
  readonly created: readonly string[];
  /**
   * How the existing stream and tunnel differ from the settings. The source does not change the stream or the tunnel.
   */
  readonly drift: readonly string[];
}

/**
 * Makes sure that the table has a stream and a tunnel. Creates what is missing and changes nothing that exists.
 * @throws InvalidInput if the table does not exist, if it lacks a key column, or if the tunnel is expired
 */
export async function provision(
  tables: TablesApi,
  tunnels: TunnelApi,
  desired: DesiredTunnel,
  signal: AbortSignal,
): Promise<ProvisionResult> {
  const { table, tunnel: name, base, streamHours } = desired;
  const description = await tables.describe(table, signal);
  if (description === undefined) throw new InvalidInput('NoTable', `table ${table} does not exist`);
  const missing = desired.keyColumns.filter((column) => !description.primaryKey.includes(column));
  if (missing.length > 0) {
    const sentence = `SOURCE_EXTENSIONS names ${missing.join(', ')}, but the key columns of table ${table} are ${description.primaryKey.join(', ')}`;
    throw new InvalidInput('NoKeyColumn', sentence);
  }
  const created: string[] = [];
  if (description.stream?.enableStream !== true) {
    await tables.enableStream(table, streamHours, signal).catch(async (error: unknown) => {
      // Another replica may have enabled the stream in the meantime.
      const current = await tables.describe(table, signal);
      if (current?.stream?.enableStream !== true) throw error;
    });
    created.push(`stream of table ${table}, which keeps changes for ${streamHours} h`);
  }
  let found = await tunnels.describe(table, name, signal);
  if (found === undefined) {
    const type = base ? 'BaseAndStream' : 'Stream';
    // Another replica may have created the tunnel in the meantime.
    await tunnels
      .create({ table, name, type, start: streamStart(desired.start) }, signal)
      .catch((error: unknown) => {
        if (!(error instanceof OtsError) || error.code !== 'OTSTunnelExist') throw error;
      });
    created.push(`tunnel ${name} of table ${table}, type ${type}`);
    found = await tunnels.describe(table, name, signal);
  }
  if (found === undefined)
    throw new InvalidInput(
      'NoTunnel',
      `tunnel ${name} of table ${table} was deleted right after its creation`,
    );
  if (found.tunnel.expired === true) {
    const sentence = `tunnel ${name} of table ${table} is expired and its unread changes are lost; delete it with "sluice source --delete-tunnel --yes" to start again`;
    throw new InvalidInput('TunnelExpired', sentence);
  }
  const drift = findDrift(found.tunnel, description.stream?.expirationTime, desired);
  return { tunnelId: found.tunnel.tunnelId, created, drift };
}

/** Returns one sentence for each difference. */
function findDrift(found: TunnelInfo, streamHours: number | undefined, desired: DesiredTunnel): string[] {
  const type = desired.base ? 'BaseAndStream' : 'Stream';
  const sentences: string[] = [];
  if (found.tunnelType !== type)
    sentences.push(
      `tunnel ${desired.tunnel} has type ${found.tunnelType}, but SOURCE_BASE needs type ${type}`,
    );
  if (streamHours !== undefined && streamHours !== desired.streamHours)
    sentences.push(
      `the stream of table ${desired.table} keeps changes for ${streamHours} h, but SOURCE_STREAM_HOURS is ${desired.streamHours}`,
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
  /**
   * True if the access key can change while the source runs. The source then retries if Tablestore does not know it.
   */
  readonly accessKeyMayChange: boolean;
  /** Called with the reason after each failed attempt. */
  readonly onProblem: (sentence: string) => void;
}

/** Wait between attempts to find the table and the tunnel. */
const RETRY_MS = 5_000;

/**
 * Returns the tunnel's id. Retries until the table and the tunnel exist. So the source can start before another process
 * creates the table.
 * @throws errors that only a person can fix
 */
export async function provisionWithRetry(
  { tables, tunnels, log, accessKeyMayChange, onProblem }: ProvisionDeps,
  desired: DesiredTunnel,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      const { tunnelId, created, drift } = await provision(tables, tunnels, desired, signal);
      for (const made of created) log.info({ made }, 'created a missing stream or tunnel');
      for (const sentence of drift)
        log.warn({ drift: sentence }, 'the table or tunnel differs from the settings, nothing is changed');
      return tunnelId;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      if (isUnknownKey(error) && !accessKeyMayChange)
        throw new InvalidInput(
          'UnknownKey',
          `Tablestore rejects the key TABLESTORE_ACCESSKEYID: ${messageOf(error)}`,
        );
      onProblem(messageOf(error));
      log.warn({ reason: messageOf(error) }, 'cannot check the table and the tunnel yet, retrying');
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof InvalidInput ? error.type !== 'NoTable' : tunnelErrorAction(error, 'tunnel') === 'fatal';
