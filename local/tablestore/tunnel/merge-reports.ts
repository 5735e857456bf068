import { FINISHED_TOKEN } from '../../../ots/wire/tunnel-token.ts';
import { hasOwner } from './channel-rules.ts';
import type { ChannelStatus, StoredChannel } from './tunnel-records.ts';

/** What a client says of a channel in a heartbeat. */
export interface ChannelReport {
  readonly channelId: string;
  readonly version: bigint;
  readonly status: Exclude<ChannelStatus, 'WAIT'>;
}

/** Versions count changes: one that is so far ahead is a mistake, and the next ones would pass 64 bits. */
const FAR = 1_000_000n;

/**
 * The channels after a client's report: the higher version wins, so that what was said before the service's last word,
 * or of a channel that is another's, changes nothing.
 */
export function mergeReports(
  channels: readonly StoredChannel[],
  client: string,
  reports: readonly ChannelReport[],
): readonly StoredChannel[] {
  const said = new Map(reports.map((report) => [report.channelId, report]));
  return channels.map((channel) => {
    const report = said.get(channel.id);
    const heard = report !== undefined && hasOwner(channel) && channel.owner === client;
    const isNext = heard && report.version > channel.version && report.version - channel.version < FAR;
    return isNext ? applyReport(channel, report) : channel;
  });
}

function applyReport(channel: StoredChannel, { version, status }: ChannelReport): StoredChannel {
  if (status === 'OPEN' || status === 'CLOSING') return { ...channel, version, status };
  // Without the checkpoint that says so nothing proves that all of it was accepted: somebody shall read it again.
  const done = status === 'TERMINATED' && channel.checkpoint === FINISHED_TOKEN;
  return { ...channel, version, status: done ? 'TERMINATED' : 'CLOSE', owner: undefined };
}

/** The channels without owners that are gone: they can be given to others. */
export const releaseChannels = (
  channels: readonly StoredChannel[],
  isGone: (client: string) => boolean,
): readonly StoredChannel[] =>
  channels.map((channel) =>
    channel.owner !== undefined && isGone(channel.owner)
      ? { ...channel, status: 'CLOSE', owner: undefined }
      : channel,
  );
