import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import { parameterInvalid, resourceGone, sequenceNumberNotMatch, tunnelExpired } from '../errors.ts';
import { positionOf, tokenOf } from './channel-position.ts';
import { hasOwner } from './channel-rules.ts';
import { requireLiveClient, requireUsable } from './client-operations.ts';
import { lossExpiresTunnel } from './lost-changes.ts';
import type { ChannelRequest, CheckpointRequest, ReadRecordsRequest, TunnelRecord } from './messages.ts';
import { readChannel } from './read-channel.ts';
import { type TunnelContext, tunnelById } from './tunnel-context.ts';
import type { StoredChannel, StoredTunnel } from './tunnel-records.ts';

/** Returns the checkpoint of the client's channel and its sequence number. */
export function getCheckpoint(context: TunnelContext, request: ChannelRequest) {
  const { checkpoint, sequenceNumber } = requireOwnedChannel(context, request).channel;
  return { checkpoint, sequenceNumber };
}

/** Returns the records of the client's channel after a token, and the next token. */
export function readRecords(
  context: TunnelContext,
  request: ReadRecordsRequest,
): {
  readonly records: readonly TunnelRecord[];
  readonly nextToken: string;
  readonly mayMoreRecord: boolean;
} {
  const { tunnel, channel } = requireOwnedChannel(context, request);
  const position = positionOf(channel.id, request.token);
  if (position === FINISHED_TOKEN) return { records: [], nextToken: FINISHED_TOKEN, mayMoreRecord: false };
  const { changes, databases } = context;
  if (lossExpiresTunnel(changes, tunnel, channel.partition, position)) {
    databases.write(() => databases.tunnels.putSync(tunnel.id, { ...tunnel, expired: true }));
    throw tunnelExpired(tunnel.name);
  }
  const { records, next, hasMore } = readChannel(
    { changes, table: tunnel.table, partition: channel.partition },
    position,
  );
  if (next === FINISHED_TOKEN) recordChannelEnd(context, request, position.count + BigInt(records.length));
  return { records, nextToken: tokenOf(channel.id, next), mayMoreRecord: hasMore };
}

/**
 * Stores that the client has read the channel to its end. The client may store the checkpoint FINISHED only after that.
 */
function recordChannelEnd(
  { databases }: TunnelContext,
  { tunnelId, channelId }: ChannelRequest,
  total: bigint,
): void {
  databases.write(() => {
    const channel = databases.channels.get([tunnelId, channelId]);
    if (channel !== undefined && channel.total !== total)
      databases.channels.putSync([tunnelId, channelId], { ...channel, total });
  });
}

/**
 * Stores the checkpoint of the client's channel. The sequence number of the checkpoint must be the stored one plus one.
 * The real service's rule is undocumented. The stand-in's rule detects every client with an outdated number.
 */
export function checkpoint(context: TunnelContext, request: CheckpointRequest): object {
  const { databases } = context;
  const { tunnelId, channelId, checkpoint: token, sequenceNumber } = request;
  databases.write(() => {
    const { channel } = requireOwnedChannel(context, request);
    if (sequenceNumber !== channel.sequenceNumber + 1n)
      throw sequenceNumberNotMatch(channelId, sequenceNumber, channel.sequenceNumber);
    const position = positionOf(channelId, token);
    if (position === FINISHED_TOKEN && channel.total === undefined)
      throw parameterInvalid(
        `Channel ${channelId} has not ended, so ${FINISHED_TOKEN} is not a valid checkpoint.`,
      );
    const count = position === FINISHED_TOKEN ? (channel.total ?? 0n) : position.count;
    databases.channels.putSync([tunnelId, channelId], {
      ...channel,
      checkpoint: token,
      sequenceNumber,
      count,
    });
  });
  return {};
}

/** Returns the channel and its tunnel. Throws OTSResourceGone unless the client is connected and owns the channel. */
function requireOwnedChannel(
  context: TunnelContext,
  { tunnelId, clientId, channelId }: ChannelRequest,
): { readonly tunnel: StoredTunnel; readonly channel: StoredChannel } {
  const tunnel = requireUsable(tunnelById(context, tunnelId));
  requireLiveClient(context, tunnelId, clientId);
  const channel = context.databases.channels.get([tunnelId, channelId]);
  if (channel === undefined)
    throw parameterInvalid(`Channel ${channelId.slice(0, 80)} of tunnel ${tunnelId} not exist.`);
  if (hasOwner(channel) && channel.owner === clientId) return { tunnel, channel };
  throw resourceGone(`Client ${clientId} does not own channel ${channelId} of tunnel ${tunnelId}.`);
}
