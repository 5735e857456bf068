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
  const { databases } = context;
  const tunnel = tunnelById(context, tunnelId);
  databases.write(() => {
    for (const { channelId, status } of requested) {
      const channel = databases.channels.get([tunnelId, channelId]);
      if (channel === undefined)
        throw parameterInvalid(`Channel ${channelId.slice(0, 80)} of tunnel ${tunnelId} not exist.`);
      databases.channels.putSync([tunnelId, channelId], applyRequestedStatus(channel, status));
    }
    reconcileTunnel(context, tunnel);
  });
  return {};
}

/**
 * Returns the channel after an operator's request. CLOSING suspends the channel: an OPEN channel becomes CLOSING, any other
 * status stays. OPEN resumes the channel: a TERMINATED channel becomes CLOSE, any other status stays. Throws OTSParameterInvalid
 * for CLOSE, which only clients report.
 */
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
