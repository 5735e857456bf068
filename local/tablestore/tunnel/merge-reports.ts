import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import { hasOwner } from './channel-rules.ts';
import type { ChannelStatus, StoredChannel } from './tunnel-records.ts';

/** A client's report about a channel in a heartbeat. */
export interface ChannelReport {
  readonly channelId: string;
  readonly version: bigint;
  readonly status: Exclude<ChannelStatus, 'WAIT'>;
}

/**
 * Normally, a channel's version increases by one per change. If the version of a report is higher by this number or
 * more, the client has made an error, and the report is ignored. Otherwise, the version could exceed 64 bits after
 * further reports.
 */
const MAX_VERSION_DIFFERENCE = 1_000_000n;

/**
 * Returns the channels after a client's reports. A report counts if the client owns the channel and the version is
 * higher. Outdated reports, and reports about another client's channel, change nothing.
 */
export function mergeReports(
  channels: readonly StoredChannel[],
  client: string,
  reports: readonly ChannelReport[],
): readonly StoredChannel[] {
  const reportById = new Map(reports.map((report) => [report.channelId, report]));
  return channels.map((channel) => {
    const report = reportById.get(channel.id);
    const isOwner = report !== undefined && hasOwner(channel) && channel.owner === client;
    const isNext =
      isOwner &&
      report.version > channel.version &&
      report.version - channel.version < MAX_VERSION_DIFFERENCE;
    return isNext ? applyReport(channel, report) : channel;
  });
}

function applyReport(channel: StoredChannel, { version, status }: ChannelReport): StoredChannel {
  if (status === 'OPEN' || status === 'CLOSING') return { ...channel, version, status };
  // Without a FINISHED checkpoint, the end of the channel may be unconsumed: another client must read it again.
  const ended = status === 'TERMINATED' && channel.checkpoint === FINISHED_TOKEN;
  return { ...channel, version, status: ended ? 'TERMINATED' : 'CLOSE', owner: undefined };
}

/** Returns the channels. A channel of a disconnected client becomes CLOSE and has no owner. */
export const releaseChannels = (
  channels: readonly StoredChannel[],
  isGone: (client: string) => boolean,
): readonly StoredChannel[] =>
  channels.map((channel) =>
    channel.owner !== undefined && isGone(channel.owner)
      ? { ...channel, status: 'CLOSE', owner: undefined }
      : channel,
  );
