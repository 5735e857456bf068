import type { Database } from 'lmdb';
import type { LocalDatabase } from '../../database.ts';
import type { StoredChannel, StoredClient, StoredTunnel } from './tunnel-records.ts';

/**
 * The LMDB databases in which the Tunnel Service keeps its state. All changes of an answered call survive `kill -9`.
 */
export interface TunnelDatabases {
  readonly tunnels: Database<StoredTunnel, string>;
  /** By tunnel id and channel id. */
  readonly channels: Database<StoredChannel, [string, string]>;
  /** By tunnel id and client id. */
  readonly clients: Database<StoredClient, [string, string]>;
  /** Runs `change` in one transaction. An exception rolls everything back. */
  write<T>(change: () => T): T;
}

/** Opens the databases and creates missing ones. */
export const openTunnelDatabases = (database: LocalDatabase): TunnelDatabases => ({
  tunnels: database.openDB<StoredTunnel, string>({ name: 'tunnel-tunnels' }),
  channels: database.openDB<StoredChannel, [string, string]>({ name: 'tunnel-channels' }),
  clients: database.openDB<StoredClient, [string, string]>({ name: 'tunnel-clients' }),
  write: (change) => database.transactionSync(change),
});

/** Returns the key range of everything that belongs to a tunnel. */
const tunnelKeyRange = (tunnel: string) => ({ start: [tunnel, ''], end: [tunnel, '\uffff'] }) as const;

const byIndex = (one: { readonly index: number }, other: { readonly index: number }): number =>
  one.index - other.index;

type Keyed<T> = Database<T, [string, string]>;

/** Returns the entries of a tunnel, ordered by index. */
export function listByIndex<T extends { readonly index: number }>(table: Keyed<T>, tunnel: string): T[] {
  const { start, end } = tunnelKeyRange(tunnel);
  const found = table.getRange({ start: [...start], end: [...end] });
  return [...found].map(({ value }) => value).sort(byIndex);
}

/** Removes a tunnel with its channels and clients. Must be called within a transaction. */
export function removeTunnel({ tunnels, channels, clients }: TunnelDatabases, tunnel: string): void {
  for (const { id } of listByIndex(channels, tunnel)) channels.removeSync([tunnel, id]);
  for (const { id } of listByIndex(clients, tunnel)) clients.removeSync([tunnel, id]);
  tunnels.removeSync(tunnel);
}
