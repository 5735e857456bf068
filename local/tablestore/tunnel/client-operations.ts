import { parameterInvalid, resourceGone, tunnelExpired } from '../errors.ts';
import { hasOwner } from './channel-rules.ts';
import type { ChannelReport } from './merge-reports.ts';
import type { ClientRequest, ConnectRequest, HeartbeatRequest } from './messages.ts';
import { isTimedOut, reconcileTunnel } from './reconcile-tunnel.ts';
import { type TunnelContext, tunnelById } from './tunnel-context.ts';
import { listByIndex } from './tunnel-databases.ts';
import { unusedId } from './tunnel-ids.ts';
import type { StoredClient, StoredTunnel } from './tunnel-records.ts';

/** The default of the vendor's clients. */
const DEFAULT_TIMEOUT_S = 300n;
const MAX_TIMEOUT_S = 86_400n;

/** Connects a client. The service disconnects a client that sends no heartbeat within its timeout (s). */
export function connect(context: TunnelContext, { tunnelId, clientConfig = {} }: ConnectRequest) {
  const { timeout = DEFAULT_TIMEOUT_S, clientTag: tag = '' } = clientConfig;
  const tunnel = requireUsable(tunnelById(context, tunnelId));
  if (timeout < 1n || timeout > MAX_TIMEOUT_S)
    throw parameterInvalid(`Client timeout ${timeout} is not between 1 and ${MAX_TIMEOUT_S} seconds.`);
  const { databases, clock, newId } = context;
  const connected = databases.write(() => {
    const index = (listByIndex(databases.clients, tunnelId).at(-1)?.index ?? 0) + 1;
    const id = unusedId(newId, (candidate) => databases.clients.doesExist([tunnelId, candidate]));
    const client: StoredClient = { id, tag, timeoutMs: Number(timeout) * 1_000, seenMs: clock(), index };
    databases.clients.putSync([tunnelId, id], client);
    return { id, tunnel: reconcileTunnel(context, tunnel).tunnel };
  });
  requireUsable(connected.tunnel);
  return { clientId: connected.id };
}

/** Accepts a client's reports about its channels, and returns the channels that it now owns. */
export function heartbeat(
  context: TunnelContext,
  { tunnelId, clientId, channels: reports }: HeartbeatRequest,
): { readonly channels: readonly ChannelReport[] } {
  const { databases, clock } = context;
  const stored = requireUsable(tunnelById(context, tunnelId));
  const { tunnel, channels } = databases.write(() => {
    const client = requireLiveClient(context, tunnelId, clientId);
    databases.clients.putSync([tunnelId, clientId], { ...client, seenMs: clock() });
    return reconcileTunnel(context, stored, { client: clientId, reports });
  });
  requireUsable(tunnel);
  const own = channels.filter((channel) => hasOwner(channel) && channel.owner === clientId);
  return {
    channels: own.flatMap(({ id, version, status }) =>
      status === 'WAIT' ? [] : [{ channelId: id, version, status }],
    ),
  };
}

/** Disconnects a client. Other clients get its channels at once. */
export function shutdown(context: TunnelContext, { tunnelId, clientId }: ClientRequest): object {
  const tunnel = tunnelById(context, tunnelId);
  context.databases.write(() => {
    requireLiveClient(context, tunnelId, clientId);
    context.databases.clients.removeSync([tunnelId, clientId]);
    reconcileTunnel(context, tunnel);
  });
  return {};
}

/** Returns the client. Throws OTSResourceGone if it is no longer connected. */
export function requireLiveClient(
  { databases, clock }: TunnelContext,
  tunnel: string,
  id: string,
): StoredClient {
  const client = databases.clients.get([tunnel, id]);
  if (client !== undefined && !isTimedOut(client, clock())) return client;
  throw resourceGone(`Client ${id.slice(0, 80)} of tunnel ${tunnel} is not connected: connect again.`);
}

/** Returns the tunnel. Throws OTSTunnelExpired if it is expired. */
export function requireUsable(tunnel: StoredTunnel): StoredTunnel {
  if (tunnel.expired) throw tunnelExpired(tunnel.name);
  return tunnel;
}
