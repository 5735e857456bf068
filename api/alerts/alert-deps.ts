import type { ChannelSettings } from '../../ports/channel.ts';
import type { TableStore } from '../../ports/table-store.ts';
import type { Sealer } from '../../runtime/sealed-text.ts';

/** Tells the runs of the alerts what has changed. Errors: `Unavailable` if Temporal does not answer. */
export interface AlertSignals {
  /** A subscription of the place was created, changed or deleted. */
  subscriptionChanged(adcode: string, signal: AbortSignal): Promise<void>;
  /** Rows of the channel are due. */
  wakeSender(channelId: string, signal: AbortSignal): Promise<void>;
}

/** What the api knows of a kind of channel. */
export interface ChannelKindCheck {
  /** Throws `InvalidInput` whose message begins with the name of the wrong setting. */
  check(settings: ChannelSettings, privateOrigins: readonly string[]): void;
}

/** The dependencies of channels, subscriptions and deliveries. */
export interface AlertDeps {
  readonly store: TableStore;
  readonly signals: AlertSignals;
  readonly sealer: Sealer;
  /** By the name that users choose. */
  readonly channelKinds: Readonly<Record<string, ChannelKindCheck>>;
  /** The origins of channels that may have a private address. */
  readonly privateOrigins: readonly string[];
}
