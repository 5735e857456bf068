import { assignChannels } from './assign-channels.ts';
import { positionOf } from './channel-position.ts';
import { hasLostChanges } from './lost-changes.ts';
import { type ChannelReport, mergeReports, releaseChannels } from './merge-reports.ts';
import { newChannels } from './new-channels.ts';
import type { TunnelContext } from './tunnel-context.ts';
import { listByIndex } from './tunnel-databases.ts';
import type { StoredChannel, StoredClient, StoredTunnel } from './tunnel-records.ts';

/** A tunnel with its channels and its living clients. */
export interface ReconciledTunnel {
  readonly tunnel: StoredTunnel;
  readonly channels: readonly StoredChannel[];
  readonly clients: readonly StoredClient[];
}

/** Whether a client was silent for longer than it said it would be. */
export const isTimedOut = ({ seenMs, timeoutMs }: StoredClient, nowMs: number): boolean =>
  nowMs - seenMs > timeoutMs;

/**
 * Brings a tunnel up to now and stores it so, within the caller's transaction: silent clients go, what they had is free;
 * `said`, a client's report, is taken in; partitions that came have their channels; what is free is given out. An
 * expired tunnel gives nothing any more.
 */
export function reconcileTunnel(
  context: TunnelContext,
  stored: StoredTunnel,
  said?: { readonly client: string; readonly reports: readonly ChannelReport[] },
): ReconciledTunnel {
  const { tables, changes } = context;
  const nowMs = context.clock();
  const all = listByIndex(tables.clients, stored.id);
  const clients = all.filter((client) => !isTimedOut(client, nowMs));
  for (const { id } of all.filter((client) => isTimedOut(client, nowMs)))
    tables.clients.removeSync([stored.id, id]);

  const known = listByIndex(tables.channels, stored.id);
  const living = new Set(clients.map(({ id }) => id));
  const made = newChannels(stored, changes.partitions(stored.table), known, (partition) =>
    changes.latest(stored.table, partition),
  );
  let channels = releaseChannels([...known, ...made], (client) => !living.has(client));
  if (said !== undefined) channels = mergeReports(channels, said.client, said.reports);
  const expired =
    stored.expired ||
    channels.some(
      ({ id, partition, status, checkpoint }) =>
        status !== 'TERMINATED' && hasLostChanges(changes, stored, partition, positionOf(id, checkpoint)),
    );
  const tunnel = { ...stored, expired };
  if (expired !== stored.expired) tables.tunnels.putSync(tunnel.id, tunnel);
  if (!expired) channels = assignChannels(channels, [...living]);

  const unchanged = new Set(known);
  for (const channel of channels)
    if (!unchanged.has(channel)) tables.channels.putSync([tunnel.id, channel.id], channel);
  return { tunnel, channels, clients };
}
