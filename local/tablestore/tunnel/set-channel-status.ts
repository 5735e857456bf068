import { parameterInvalid } from '../errors.ts';
import type { ChannelReport } from './merge-reports.ts';
import type { ScheduleRequest } from './messages.ts';
import { reconcileTunnel } from './reconcile-tunnel.ts';
import { type TunnelContext, tunnelById } from './tunnel-context.ts';
import type { StoredChannel } from './tunnel-records.ts';

/**
 * Sets the status of channels for an operator (the API's operation `Schedule`): CLOSING suspends a channel, OPEN
 * resumes it, TERMINATED ends it.
 */
export function setChannelStatus(
  context: TunnelContext,
  { tunnelId, channels: requested }: ScheduleRequest,
): object {
  const { tables } = context;
  const tunnel = tunnelById(context, tunnelId);
  tables.write(() => {
    for (const { channelId, status } of requested) {
      const channel = tables.channels.get([tunnelId, channelId]);
      if (channel === undefined)
        throw parameterInvalid(`Channel ${channelId.slice(0, 80)} of tunnel ${tunnelId} not exist.`);
      tables.channels.putSync([tunnelId, channelId], applyRequestedStatus(channel, status));
    }
    reconcileTunnel(context, tunnel);
  });
  return {};
}

/** Returns a channel with the requested status. Throws OTSParameterInvalid for CLOSE, which only clients report. */
export function applyRequestedStatus(
  channel: StoredChannel,
  requested: ChannelReport['status'],
): StoredChannel {
  const version = channel.version + 1n;
  switch (requested) {
    case 'CLOSING':
      if (channel.status !== 'OPEN') return { ...channel, suspended: true };
      return { ...channel, suspended: true, status: 'CLOSING', version };
    case 'TERMINATED':
      return { ...channel, status: 'TERMINATED', version, owner: undefined };
    case 'OPEN':
      if (channel.status !== 'TERMINATED') return { ...channel, suspended: false };
      return { ...channel, suspended: false, status: 'CLOSE', version };
    default:
      throw parameterInvalid(
        `Channel ${channel.id} cannot become ${requested}: only OPEN, CLOSING and TERMINATED are allowed.`,
      );
  }
}
