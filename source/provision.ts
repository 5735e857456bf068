import { InvalidInput } from '../domain/errors.ts';
import { OtsError } from '../ots/ots-error.ts';
import type { TablesApi } from '../ots/tables.ts';
import type { TunnelApi } from '../ots/tunnel/api.ts';
import type { StreamStart, TunnelInfo } from '../ots/tunnel/tunnel-info.ts';

/** What the source wants of the service. */
export interface Wanted {
  readonly table: string;
  readonly tunnel: string;
  readonly base: boolean;
  readonly start: 'latest' | 'earliest' | number;
  readonly streamHours: number;
  /** Key columns that become attributes. */
  readonly keyColumns: readonly string[];
}

export interface Provisioned {
  readonly tunnelId: string;
  /** What was made just now. */
  readonly made: readonly string[];
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
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Provisioned> {
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
  const drift = driftOf(found.tunnel, description.stream?.expirationTime, wanted);
  return { tunnelId: found.tunnel.tunnelId, made, drift };
}

/** What differs, a sentence each. */
export function driftOf(found: TunnelInfo, streamHours: number | undefined, wanted: Wanted): string[] {
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

function streamStart(start: Wanted['start']): StreamStart {
  if (typeof start === 'number') return { startOffset: BigInt(start) * 1_000_000n };
  return { flag: start === 'latest' ? 'LATEST' : 'EARLIEST' };
}
