import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import { positionOf } from './channel-position.ts';
import { stageOf } from './channel-rules.ts';
import { partitionExists } from './lost-changes.ts';
import type { ChannelInfo, TunnelInfo } from './messages.ts';
import { type ReconciledTunnel, reconcileTunnel } from './reconcile-tunnel.ts';
import type { TunnelContext } from './tunnel-context.ts';
import type { StoredChannel, StoredTunnel } from './tunnel-records.ts';

/** Returns a tunnel as in the answer to ListTunnel. */
export function tunnelInfo({ instance }: TunnelContext, { tunnel, channels }: ReconciledTunnel): TunnelInfo {
  const { id, name, table, type, streamId, expired, start, createdMs } = tunnel;
  return {
    ...{ tunnelId: id, tunnelType: type, tableName: table, instanceName: instance, streamId },
    ...{ stage: stageOf(type, channels), expired, tunnelName: name, public: false },
    ...(start === undefined ? {} : { streamTunnelConfig: start }),
    createTime: nanoseconds(createdMs),
  };
}

/** Describes a tunnel and its channels. `tunnelRpo` is the oldest recovery point (ns) of its stream channels. */
export function describeTunnel(
  context: TunnelContext,
  stored: StoredTunnel,
): { readonly tunnel: TunnelInfo; readonly channels: readonly ChannelInfo[]; readonly tunnelRpo: bigint } {
  const reconciled = context.databases.write(() => reconcileTunnel(context, stored));
  const channels = reconciled.channels.map((channel) => channelInfo(context, stored.table, channel));
  const points = channels
    .filter(({ channelType, channelStatus }) => channelType === 'Stream' && channelStatus !== 'TERMINATED')
    .map(({ channelRpo }) => channelRpo);
  const now = stored.type === 'BaseData' ? 0n : nanoseconds(context.clock());
  const tunnelRpo = points.reduce((oldest, point) => (point < oldest ? point : oldest), now);
  return { tunnel: tunnelInfo(context, reconciled), channels, tunnelRpo };
}

function channelInfo(context: TunnelContext, table: string, channel: StoredChannel): ChannelInfo {
  const { id, kind, status, owner = '', count } = channel;
  return {
    ...{ channelId: id, channelType: kind, channelStatus: status, clientId: owner },
    ...{ channelRpo: recoveryPointOf(context, table, channel), channelCount: count },
  };
}

/**
 * Returns the time (epoch ns) up to which a channel's changes are consumed: just before the oldest unconsumed change,
 * or now. Returns 0 for channels of base data, because their rows have no such time.
 */
function recoveryPointOf({ changes, clock }: TunnelContext, table: string, channel: StoredChannel): bigint {
  const { id, kind, partition, checkpoint, status } = channel;
  if (kind === 'BaseData') return 0n;
  const position = positionOf(id, checkpoint);
  const now = nanoseconds(clock());
  if (status === 'TERMINATED' || position === FINISHED_TOKEN || position.kind === 'BaseData') return now;
  if (!partitionExists(changes, table, partition)) return now;
  const [next] = changes.read(table, partition, position.after, { records: 1, bytes: 1 }).changes;
  return next === undefined ? now : (next.sequence.timestamp - 1n) * 1_000n;
}

const nanoseconds = (epochMs: number): bigint => BigInt(Math.floor(epochMs)) * 1_000_000n;

/**
 * Returns the recovery points of a tunnel and its channels as JSON, for /tunnel/getrpo. The keys of the two maps are
 * undocumented. Here, the keys of the first map are the tunnel's id, and below it the ids of the channels. The key of
 * the second map is the tunnel's id.
 */
export function recoveryPointInfos(context: TunnelContext, stored: StoredTunnel) {
  const { channels, tunnel, tunnelRpo } = describeTunnel(context, stored);
  const accessTime = Number(nanoseconds(context.clock()));
  const infos = channels.map(({ channelId, channelType, channelStatus, channelRpo, channelCount }) => {
    const times = { TotalCount: Number(channelCount), AccessTime: accessTime, RpoTime: Number(channelRpo) };
    return [channelId, { ChannelTyp: channelType, Status: channelStatus, ...times }] as const;
  });
  const total = channels.reduce((sum, { channelCount }) => sum + Number(channelCount), 0);
  const whole = {
    Status: tunnel.stage,
    TotalCount: total,
    AccessTime: accessTime,
    RpoTime: Number(tunnelRpo),
  };
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  return {
    rpoInfos: json({ [stored.id]: Object.fromEntries(infos) }),
    tunnelRpoInfos: json({ [stored.id]: whole }),
    tunnelId: stored.id,
  };
}
