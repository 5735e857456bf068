import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import { parameterInvalid, resourceGone, sequenceNumberNotMatch, tunnelExpired } from '../errors.ts';
import { positionOf, tokenOf } from './channel-position.ts';
import { hasOwner } from './channel-rules.ts';
import { requireLiveClient, requireUsable } from './client-operations.ts';
import { hasLostChanges } from './lost-changes.ts';
import type { ChannelRequest, CheckpointRequest, ReadRecordsRequest, TunnelRecord } from './messages.ts';
import { readChannel } from './read-channel.ts';
import { type TunnelContext, tunnelById } from './tunnel-context.ts';
import type { StoredChannel, StoredTunnel } from './tunnel-records.ts';

/** How far the client's channel was consumed, and the number of the checkpoint that says so. */
export function getCheckpoint(context: TunnelContext, request: ChannelRequest) {
  const { checkpoint, sequenceNumber } = requireOwnedChannel(context, request).channel;
  return { checkpoint, sequenceNumber };
}

/** The records of the client's channel after a token, and the token after them. */
export function readRecords(
  context: TunnelContext,
  request: ReadRecordsRequest,
): {
  readonly records: readonly TunnelRecord[];
  readonly nextToken: string;
  readonly mayMoreRecord: boolean;
} {
  const { tunnel, channel } = requireOwnedChannel(context, request);
  const place = positionOf(channel.id, request.token);
  if (place === FINISHED_TOKEN) return { records: [], nextToken: FINISHED_TOKEN, mayMoreRecord: false };
  const { changes, tables } = context;
  if (hasLostChanges(changes, tunnel, channel.partition, place)) {
    tables.write(() => tables.tunnels.putSync(tunnel.id, { ...tunnel, expired: true }));
    throw tunnelExpired(tunnel.name);
  }
  const { records, next, more } = readChannel(
    { changes, table: tunnel.table, partition: channel.partition },
    place,
  );
  if (next === FINISHED_TOKEN) recordChannelEnd(context, request, place.count + BigInt(records.length));
  return { records, nextToken: tokenOf(channel.id, next), mayMoreRecord: more };
}

/** Only who was told that a channel has ended may say that it was consumed to its end. */
function recordChannelEnd(
  { tables }: TunnelContext,
  { tunnelId, channelId }: ChannelRequest,
  total: bigint,
): void {
  tables.write(() => {
    const channel = tables.channels.get([tunnelId, channelId]);
    if (channel !== undefined && channel.total !== total)
      tables.channels.putSync([tunnelId, channelId], { ...channel, total });
  });
}

/**
 * Stores how far the client's channel was consumed. The number must be the one after the stored one: the service's own
 * rule is told nowhere; this one finds every client that lost count.
 */
export function checkpoint(context: TunnelContext, request: CheckpointRequest): object {
  const { tables } = context;
  const { tunnelId, channelId, checkpoint: token, sequenceNumber } = request;
  tables.write(() => {
    const { channel } = requireOwnedChannel(context, request);
    if (sequenceNumber !== channel.sequenceNumber + 1n)
      throw sequenceNumberNotMatch(channelId, sequenceNumber, channel.sequenceNumber);
    const place = positionOf(channelId, token);
    if (place === FINISHED_TOKEN && channel.total === undefined)
      throw parameterInvalid(`Channel ${channelId} has not ended: ${FINISHED_TOKEN} is no checkpoint of it.`);
    const count = place === FINISHED_TOKEN ? (channel.total ?? 0n) : place.count;
    tables.channels.putSync([tunnelId, channelId], { ...channel, checkpoint: token, sequenceNumber, count });
  });
  return {};
}

/** The channel with its tunnel; OTSResourceGone unless the client is there and has it. */
function requireOwnedChannel(
  context: TunnelContext,
  { tunnelId, clientId, channelId }: ChannelRequest,
): { readonly tunnel: StoredTunnel; readonly channel: StoredChannel } {
  const tunnel = requireUsable(tunnelById(context, tunnelId));
  requireLiveClient(context, tunnelId, clientId);
  const channel = context.tables.channels.get([tunnelId, channelId]);
  if (channel === undefined)
    throw parameterInvalid(`Channel ${channelId.slice(0, 80)} of tunnel ${tunnelId} not exist.`);
  if (hasOwner(channel) && channel.owner === clientId) return { tunnel, channel };
  throw resourceGone(`Channel ${channelId} of tunnel ${tunnelId} is not with client ${clientId}.`);
}
