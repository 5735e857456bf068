import type { Counter } from 'prom-client';
import type { AlertRuns } from '../../ports/alert-runs.ts';
import type { Channel } from '../../ports/channel.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import type { TableStore } from '../../ports/table-store.ts';

/** A channel as it is stored. */
export interface StoredChannel {
  readonly channelId: string;
  readonly kind: string;
  /** The address, the secret and the keyword, encrypted by `runtime/sealed-text.ts`. */
  readonly sealed: string;
}

export interface OpenedChannel {
  readonly channel: Channel;
  /** A word that every message must have. */
  readonly keyword: string | undefined;
}

/** The dependencies of the alert activities. */
export interface AlertDeps {
  readonly store: TableStore;
  readonly runs: AlertRuns;
  readonly events: EventSink;
  /**
   * Opens a stored channel. Throws `InvalidInput` if no known key opens its settings, if there is no such kind, or if its
   * address is not allowed any more.
   */
  readonly openChannel: (stored: StoredChannel) => OpenedChannel;
  /** Creates missing tables and resolves to their names. */
  readonly createMissingTables: () => Promise<readonly string[]>;
  /** Counts the rows of the ledger that reached a final status. */
  readonly deliveryCounter: Pick<Counter<'status'>, 'inc'>;
  /**
   * Returns the current time in epoch ms. The field `now` of `CityTask` and `SenderTask` is the time at which the task
   * was created. A worker can take the task hours later, and a retry has the same task.
   */
  readonly clock: () => number;
  readonly log: { warn(about: object, message: string): void };
}
