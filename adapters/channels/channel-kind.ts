import type { Channel, ChannelLimits, ChannelSettings } from '../../ports/channel.ts';
import type { ChannelHttp } from './channel-http.ts';

export interface ChannelContext {
  readonly http: ChannelHttp;
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
  /** The origins of channels that may have a private address. */
  readonly privateOrigins: readonly string[];
}

/** A kind of channel, such as the robots of one vendor. */
export interface ChannelKind {
  readonly limits: ChannelLimits;
  /** Checks settings before they are stored. Throws `InvalidInput`, whose message names the setting, but no secret. */
  check(settings: ChannelSettings, privateOrigins: readonly string[]): void;
  create(settings: ChannelSettings, context: ChannelContext): Channel;
}
