import type { ChannelReport, ReaderState } from '../ots/tunnel/channel-states.ts';
import type { ChannelProgress, SourceStatus } from './channel-progress.ts';
import { TrackedChannel } from './channel-progress.ts';

/** How long the status shows a failed channel that the client gave back. Usually the same client gets it again. */
const FAILED_CHANNEL_SHOWN_MS = 60_000;

/** The source's state, for metrics, readiness and `status`. Times in epoch ms by `clock`. */
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

  /** A connect or heartbeat request has failed. */
  requestFailed(problem: string): void {
    this.#problem = problem;
  }

  /** Sets the channels of this client. Removes other channels, unless they have failed in the last 60 seconds. */
  setChannels(channels: readonly (ChannelReport & { readonly reader: ReaderState })[]): void {
    this.#removeOtherChannels(new Set(channels.map(({ channelId }) => channelId)));
    for (const { channelId, status, reader } of channels)
      Object.assign(this.#channel(channelId), { status, reader });
  }

  readFailed(channelId: string, problem: string): void {
    this.#channel(channelId).noteReadProblem(problem);
  }

  channelFailed(channelId: string, problem: string): void {
    this.#channel(channelId).markReaderFailed(problem, this.#clock());
  }

  page(channelId: string, records: number, caughtUp: boolean): void {
    this.#channel(channelId).addPage(records, caughtUp, this.#clock());
  }

  checkpoint(channelId: string): void {
    this.#channel(channelId).addCheckpoint(this.#clock());
  }

  /**
   * Counts an event as in flight until the returned function is called. `committedMs`: the commit time of its change in
   * epoch ms, undefined for base data.
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

  #removeOtherChannels(ownChannelIds?: ReadonlySet<string>): void {
    const at = this.#clock();
    for (const [id, channel] of this.#channels)
      if (!ownChannelIds?.has(id) && !channel.failedSince(at - FAILED_CHANNEL_SHOWN_MS))
        this.#channels.delete(id);
  }

  #channel(channelId: string): TrackedChannel {
    const known = this.#channels.get(channelId);
    if (known !== undefined) return known;
    const fresh = new TrackedChannel(this.#clock());
    this.#channels.set(channelId, fresh);
    return fresh;
  }
}
