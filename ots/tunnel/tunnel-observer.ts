import type { ChannelReport, ReaderState } from './channel-states.ts';

/** What a consumer may want to know for its log and metrics; each call must return at once. */
export interface TunnelObserver {
  connected?(clientId: string): void;
  /** The client is gone; another connects in `againMs`. */
  lost?(error: unknown, againMs: number): void;
  heartbeat?(): void;
  /** After each heartbeat: all channels that are this client's. */
  channels?(channels: readonly (ChannelReport & { readonly reader: ReaderState })[]): void;
  /** A channel's reader begins at its checkpoint. */
  opened?(channelId: string): void;
  /** A page could not be read yet; it is tried again. */
  readFailed?(channelId: string, error: unknown): void;
  /** A page was read; `caughtUp` when nothing follows it for now. */
  page?(channelId: string, records: number, caughtUp: boolean): void;
  checkpoint?(channelId: string): void;
  /** The service counts another sequence number than we do. */
  mismatch?(channelId: string): void;
  channelFailed?(channelId: string, error: unknown): void;
  retry?(path: string, error: unknown): void;
}
