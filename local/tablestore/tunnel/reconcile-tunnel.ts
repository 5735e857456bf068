import { assignChannels } from './assign-channels.ts';
import { positionOf } from './channel-position.ts';
import { lossExpiresTunnel } from './lost-changes.ts';
import { type ChannelReport, mergeReports, releaseChannels } from './merge-reports.ts';
import { newChannels } from './new-channels.ts';
import type { TunnelContext } from './tunnel-context.ts';
import { listByIndex } from './tunnel-databases.ts';
import type { StoredChannel, StoredClient, StoredTunnel } from './tunnel-records.ts';

/** A tunnel with its channels and connected clients. */
export interface ReconciledTunnel {
  readonly tunnel: StoredTunnel;
  readonly channels: readonly StoredChannel[];
  readonly clients: readonly StoredClient[];
}

/** True if a client was silent for longer than its timeout. */
export const isTimedOut = ({ seenMs, timeoutMs }: StoredClient, nowMs: number): boolean =>
  nowMs - seenMs > timeoutMs;

/**
 * Updates a tunnel to the current time and stores it, within the caller's transaction. Removes silent clients and
 * releases their channels, applies a client's report, adds channels of new partitions, and assigns channels without an
 * owner. An expired tunnel assigns nothing.
 */
export function reconcileTunnel(
  context: TunnelContext,
  stored: StoredTunnel,
  clientReport?: { readonly client: string; readonly reports: readonly ChannelReport[] },
): ReconciledTunnel {
  const { databases, changes } = context;
  const nowMs = context.clock();
  const all = listByIndex(databases.clients, stored.id);
  const clients = all.filter((client) => !isTimedOut(client, nowMs));
  for (const { id } of all.filter((client) => isTimedOut(client, nowMs)))
    databases.clients.removeSync([stored.id, id]);

  const known = listByIndex(databases.channels, stored.id);
  const connected = new Set(clients.map(({ id }) => id));
  const added = newChannels(stored, changes.partitions(stored.table), known, (partition) =>
    changes.latest(stored.table, partition),
  );
  let channels = releaseChannels([...known, ...added], (client) => !connected.has(client));
  if (clientReport !== undefined)
    channels = mergeReports(channels, clientReport.client, clientReport.reports);
  const expired =
    stored.expired ||
    channels.some(
      ({ id, partition, status, checkpoint }) =>
        status !== 'TERMINATED' && lossExpiresTunnel(changes, stored, partition, positionOf(id, checkpoint)),
    );
  const tunnel = { ...stored, expired };
  if (expired !== stored.expired) databases.tunnels.putSync(tunnel.id, tunnel);
  if (!expired) channels = assignChannels(channels, [...connected]);

  const unchanged = new Set(known);
  for (const channel of channels)
    if (!unchanged.has(channel)) databases.channels.putSync([tunnel.id, channel.id], channel);
  return { tunnel, channels, clients };
}
