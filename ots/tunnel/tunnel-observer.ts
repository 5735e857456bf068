import type { ChannelReport, ReaderState } from './channel-states.ts';

/** Callbacks for logs and metrics. Each one must return at once. */
export interface TunnelObserver {
  connected?(clientId: string): void;
  /** The client is lost. The next one connects after `reconnectMs`. */
  lost?(error: unknown, reconnectMs: number): void;
  heartbeat?(): void;
  /** After each heartbeat: all channels of this client. */
  channels?(channels: readonly (ChannelReport & { readonly reader: ReaderState })[]): void;
  /** A channel's reader starts at its checkpoint. */
  opened?(channelId: string): void;
  /** An attempt to read a page has failed. Another one follows. */
  readFailed?(channelId: string, error: unknown): void;
  /** A page was read. `caughtUp`: no records follow for now. */
  page?(channelId: string, records: number, caughtUp: boolean): void;
  checkpoint?(channelId: string): void;
  /** The service has another sequence number than this client. */
  mismatch?(channelId: string): void;
  channelFailed?(channelId: string, error: unknown): void;
  retry?(path: string, error: unknown): void;
}
