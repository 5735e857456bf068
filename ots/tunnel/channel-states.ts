export type ChannelStatus = 'OPEN' | 'CLOSING' | 'CLOSE' | 'TERMINATED';

/** A channel's status as client and service tell it each other; the higher version holds. */
export interface ChannelReport {
  readonly channelId: string;
  readonly version: bigint;
  readonly status: ChannelStatus;
}

/** What the reader of a channel does: it has not begun, reads, was stopped in order, failed, or read all there will be. */
export type ReaderState = 'none' | 'reading' | 'stopped' | 'failed' | 'finished';

type ReportsById = ReadonlyMap<string, ChannelReport>;

/** What is known after an answer to a heartbeat: channels that it does not name are no longer ours. */
export function mergeChannelReports(
  known: ReportsById,
  answered: readonly ChannelReport[],
): Map<string, ChannelReport> {
  return new Map(
    answered.map((channel) => {
      const before = known.get(channel.channelId);
      return [channel.channelId, before !== undefined && before.version > channel.version ? before : channel];
    }),
  );
}

/** What has to be done about a channel's reader. */
export type ReaderAction = 'start' | 'drain' | 'abandon' | 'nothing';

export function readerActionFor({ status }: ChannelReport, reader: ReaderState): ReaderAction {
  if (status === 'OPEN') return reader === 'none' ? 'start' : 'nothing';
  if (reader !== 'reading') return 'nothing';
  return status === 'CLOSING' ? 'drain' : 'abandon';
}

/** What is to be told of a channel now: each change of its reader once, under the next version. */
export function nextReport(channel: ChannelReport, reader: ReaderState): ChannelReport {
  const { status, version } = channel;
  if (status === 'CLOSE' || status === 'TERMINATED' || reader === 'reading') return channel;
  if (status === 'OPEN' && reader === 'none') return channel;
  return { ...channel, version: version + 1n, status: reader === 'finished' ? 'TERMINATED' : 'CLOSE' };
}
