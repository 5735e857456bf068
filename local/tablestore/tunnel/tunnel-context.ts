import { parameterInvalid } from '../errors.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import type { TunnelDatabases } from './tunnel-databases.ts';
import type { StoredTunnel } from './tunnel-records.ts';

/** The tables, as the Tunnel Service uses them. */
export interface StreamTables {
  exists(table: string): boolean;
  /** Enables the table's stream if it is not enabled. Returns the stream's id. */
  enableStream(table: string): string;
  /** Returns the id of the table's stream, or undefined if there is none. */
  streamId(table: string): string | undefined;
  /** Returns the retention of the table's stream. */
  expirationHours(table: string): number;
}

/** The context of all operations. */
export interface TunnelContext {
  readonly changes: ChangeLog;
  readonly tables: StreamTables;
  readonly databases: TunnelDatabases;
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
  readonly instance: string;
  readonly newId: () => string;
}

/** Returns the tunnels of a table, or all tunnels, oldest first. Skips tunnels of deleted tables. */
export function tunnelsOf({ databases, tables }: TunnelContext, table?: string): StoredTunnel[] {
  return [...databases.tunnels.getRange({})]
    .map(({ value }) => value)
    .filter((tunnel) => (table === undefined || tunnel.table === table) && isCurrent(tables, tunnel))
    .sort((one, other) => one.createdMs - other.createdMs);
}

/** True if the table still exists. A later table of the same name has another stream. */
export const isCurrent = (tables: StreamTables, { table, streamId }: StoredTunnel): boolean =>
  tables.exists(table) && tables.streamId(table) === streamId;

/** Returns the tunnel with this id. Throws OTSParameterInvalid. */
export function tunnelById({ databases, tables }: TunnelContext, id: string): StoredTunnel {
  const tunnel = databases.tunnels.get(id);
  if (tunnel === undefined || !isCurrent(tables, tunnel))
    throw parameterInvalid(`Tunnel ${id.slice(0, 80)} not exist.`);
  return tunnel;
}

/** Returns the tunnel of a table by its name. Throws OTSParameterInvalid. */
export function tunnelByName(context: TunnelContext, table: string, name: string): StoredTunnel {
  requireTable(context, table);
  const found = tunnelsOf(context, table).find((tunnel) => tunnel.name === name);
  if (found === undefined) throw parameterInvalid(`Tunnel ${name} of table ${table} not exist.`);
  return found;
}

/**
 * Throws OTSParameterInvalid if the table does not exist, as the Tunnel Service does. In the same case, the data
 * plane answers another code.
 */
export function requireTable({ tables }: TunnelContext, table: string): void {
  if (!tables.exists(table)) throw parameterInvalid(`Table ${table.slice(0, 80)} not exist.`);
}
