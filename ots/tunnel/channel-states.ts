export type ChannelStatus = 'OPEN' | 'CLOSING' | 'CLOSE' | 'TERMINATED';

/**
 * A channel's status, as the client and the service exchange it. If there are two reports, the one with the higher
 * version is valid.
 */
export interface ChannelReport {
  readonly channelId: string;
  readonly version: bigint;
  readonly status: ChannelStatus;
}

/** State of a channel's reader: not started, reading, stopped on purpose, failed, or at the end of the channel. */
export type ReaderState = 'none' | 'reading' | 'stopped' | 'failed' | 'finished';

type ReportsById = ReadonlyMap<string, ChannelReport>;

/**
 * Merges the answer to a heartbeat into the known channels. Channels that the answer does not contain no longer
 * belong to this client.
 */
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

/** What to do with a channel's reader. */
export type ReaderAction = 'start' | 'drain' | 'abandon' | 'nothing';

export function readerActionFor({ status }: ChannelReport, reader: ReaderState): ReaderAction {
  if (status === 'OPEN') return reader === 'none' ? 'start' : 'nothing';
  if (reader !== 'reading') return 'nothing';
  return status === 'CLOSING' ? 'drain' : 'abandon';
}

/** Returns the next report of a channel. Each change of its reader is reported once, with the next version. */
export function nextReport(channel: ChannelReport, reader: ReaderState): ChannelReport {
  const { status, version } = channel;
  if (status === 'CLOSE' || status === 'TERMINATED' || reader === 'reading') return channel;
  if (status === 'OPEN' && reader === 'none') return channel;
  return { ...channel, version: version + 1n, status: reader === 'finished' ? 'TERMINATED' : 'CLOSE' };
}
