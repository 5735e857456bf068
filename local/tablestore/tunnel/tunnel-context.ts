import { parameterInvalid } from '../errors.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import type { TunnelDatabases } from './tunnel-databases.ts';
import type { StoredTunnel } from './tunnel-records.ts';

/** What the tunnel service asks of the tables. */
export interface StreamTables {
  exists(table: string): boolean;
  /** Turns the table's stream on where it is off, and answers its id. */
  enableStream(table: string): string;
  /** The id of the table's stream; undefined without one. */
  streamId(table: string): string | undefined;
  /** For how long the table's stream keeps changes. */
  expirationHours(table: string): number;
}

/** What all operations work on. */
export interface TunnelContext {
  readonly changes: ChangeLog;
  readonly streams: StreamTables;
  readonly tables: TunnelDatabases;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly instance: string;
  readonly newId: () => string;
}

/** The tunnels of a table, or all, by the time of their creation; none of a table that was deleted since. */
export function tunnelsOf({ tables, streams }: TunnelContext, table?: string): StoredTunnel[] {
  return [...tables.tunnels.getRange({})]
    .map(({ value }) => value)
    .filter((tunnel) => (table === undefined || tunnel.table === table) && isCurrent(streams, tunnel))
    .sort((one, other) => one.createdMs - other.createdMs);
}

/** A table of the same name that was made later has another stream. */
export const isCurrent = (streams: StreamTables, { table, streamId }: StoredTunnel): boolean =>
  streams.exists(table) && streams.streamId(table) === streamId;

/** The tunnel with this id, or OTSParameterInvalid. */
export function tunnelById({ tables, streams }: TunnelContext, id: string): StoredTunnel {
  const tunnel = tables.tunnels.get(id);
  if (tunnel === undefined || !isCurrent(streams, tunnel))
    throw parameterInvalid(`Tunnel ${id.slice(0, 80)} not exist.`);
  return tunnel;
}

/** The tunnel of a table by its name, or OTSParameterInvalid. */
export function tunnelByName(context: TunnelContext, table: string, name: string): StoredTunnel {
  requireTable(context, table);
  const found = tunnelsOf(context, table).find((tunnel) => tunnel.name === name);
  if (found === undefined) throw parameterInvalid(`Tunnel ${name} of table ${table} not exist.`);
  return found;
}

/** OTSParameterInvalid for a table that is not there, as the service answers tunnel calls, unlike the data plane. */
export function requireTable({ streams }: TunnelContext, table: string): void {
  if (!streams.exists(table)) throw parameterInvalid(`Table ${table.slice(0, 80)} not exist.`);
}
