import type { ChannelReport, ReaderState } from '../ots/tunnel/channel-states.ts';
import type { ChannelProgress, SourceStatus } from './channel-progress.ts';
import { TrackedChannel } from './channel-progress.ts';

/** A channel that failed is shown for so long after it was given back: mostly it comes again. */
const FAILED_CHANNEL_SHOWN_MS = 60_000;

/** What the source is doing, for metrics, readiness and `status`; times in epoch ms by `clock`. */
export class SourceProgress {
  readonly #clock: () => number;
  readonly #channels = new Map<string, TrackedChannel>();
  #clientId: string | undefined;
  #heartbeatAt: number | undefined;
  #problem: string | undefined;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  connected(clientId: string): void {
    this.#clientId = clientId;
    this.#heartbeatAt = this.#clock();
    this.#removeOtherChannels();
  }

  clientLost(problem: string): void {
    this.#clientId = undefined;
    this.#heartbeatAt = undefined;
    this.#problem = problem;
    this.#removeOtherChannels();
  }

  heartbeat(): void {
    this.#heartbeatAt = this.#clock();
    this.#problem = undefined;
  }

  /** Connecting, or a heartbeat, failed. */
  requestFailed(problem: string): void {
    this.#problem = problem;
  }

  /** All channels that are ours; those that are not named no longer are. */
  setChannels(now: readonly (ChannelReport & { readonly reader: ReaderState })[]): void {
    this.#removeOtherChannels(new Set(now.map(({ channelId }) => channelId)));
    for (const { channelId, status, reader } of now)
      Object.assign(this.#channel(channelId), { status, reader });
  }

  readFailed(channelId: string, problem: string): void {
    this.#channel(channelId).markReadFailed(problem);
  }

  channelFailed(channelId: string, problem: string): void {
    this.#channel(channelId).markFailed(problem, this.#clock());
  }

  page(channelId: string, records: number, caughtUp: boolean): void {
    this.#channel(channelId).addPage(records, caughtUp, this.#clock());
  }

  checkpoint(channelId: string): void {
    this.#channel(channelId).addCheckpoint(this.#clock());
  }

  /**
   * An event of a change committed at `committedMs` (epoch ms; undefined: base data) is under way until the answer is
   * called.
   */
  beginEvent(channelId: string, committedMs: number | undefined): () => void {
    return this.#channel(channelId).beginEvent(committedMs);
  }

  markBlocked(channelId: string, reason: string): () => void {
    return this.#channel(channelId).markBlocked(reason);
  }

  snapshot(): SourceStatus {
    const at = this.#clock();
    const channels = [...this.#channels].map(
      ([id, channel]): ChannelProgress => ({ id, ...channel.snapshot(at) }),
    );
    const heartbeatAgeMs = this.#heartbeatAt === undefined ? undefined : at - this.#heartbeatAt;
    return { clientId: this.#clientId, heartbeatAgeMs, problem: this.#problem, channels };
  }

  #removeOtherChannels(ours?: ReadonlySet<string>): void {
    const at = this.#clock();
    for (const [id, channel] of this.#channels)
      if (!ours?.has(id) && !channel.failedSince(at - FAILED_CHANNEL_SHOWN_MS)) this.#channels.delete(id);
  }

  #channel(channelId: string): TrackedChannel {
    const known = this.#channels.get(channelId);
    if (known !== undefined) return known;
    const fresh = new TrackedChannel(this.#clock());
    this.#channels.set(channelId, fresh);
    return fresh;
  }
}
