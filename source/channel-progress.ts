import type { ReaderState } from '../ots/tunnel/channel-states.ts';
import { UnorderedList } from './unordered-list.ts';

/** Of base data: it is younger than everything, so that it counts in no lag. */
const NO_COMMIT_TIME = Number.POSITIVE_INFINITY;

/** How far one channel is; times in epoch ms. */
export class TrackedChannel {
  status = 'OPEN';
  reader: ReaderState = 'reading';
  /** Commit times of the events under way. */
  readonly #inFlight = new UnorderedList<number>();
  /** Why it stands still, of each event at which it does. */
  readonly #blockedReasons = new UnorderedList<string>();
  #lastAcceptedMs: number | undefined;
  #caughtUp = true;
  #checkpointAt: number;
  /** When it was last known that all that was read could be read and was delivered. */
  #healthyAt: number;
  /** Failures since then. */
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;

  constructor(at: number) {
    this.#checkpointAt = at;
    this.#healthyAt = at;
  }

  markReadFailed(problem: string): void {
    this.#problem = problem;
  }

  markFailed(problem: string, at: number): void {
    this.reader = 'failed';
    this.#failures++;
    this.#failedAt = at;
    this.#problem = problem;
  }

  addPage(records: number, caughtUp: boolean, at: number): void {
    this.#caughtUp = caughtUp;
    if (records === 0) this.#markHealthy(at);
    // After a failure it has yet to be seen whether these records can be decoded.
    else if (this.#failures === 0) this.#problem = undefined;
  }

  addCheckpoint(at: number): void {
    this.#checkpointAt = at;
    this.#markHealthy(at);
  }

  beginEvent(committedMs: number | undefined): () => void {
    const event = this.#inFlight.add(committedMs ?? NO_COMMIT_TIME);
    return () => {
      this.#inFlight.remove(event);
      if (committedMs !== undefined && !(committedMs <= (this.#lastAcceptedMs ?? 0)))
        this.#lastAcceptedMs = committedMs;
    };
  }

  markBlocked(reason: string): () => void {
    const held = this.#blockedReasons.add(reason);
    return () => this.#blockedReasons.remove(held);
  }

  failedSince(at: number): boolean {
    return this.#failures > 0 && this.#failedAt >= at;
  }

  snapshot(at: number): Omit<ChannelProgress, 'id'> {
    const unread = this.#problem === undefined ? 0 : at - this.#healthyAt;
    const [held] = this.#blockedReasons.values();
    const reason = held ?? this.#problem;
    return {
      ...{ status: this.status, reader: this.reader, inFlight: this.#inFlight.size },
      ...{ held: held !== undefined, failures: this.#failures, ...(reason === undefined ? {} : { reason }) },
      lagMs: Math.max(0, unread, at - this.#oldest()),
      checkpointAgeMs: Math.max(0, at - this.#checkpointAt),
    };
  }

  #oldest(): number {
    if (this.#inFlight.size > 0) return Math.min(...this.#inFlight.values());
    return this.#caughtUp ? NO_COMMIT_TIME : (this.#lastAcceptedMs ?? NO_COMMIT_TIME);
  }

  #markHealthy(at: number): void {
    this.#healthyAt = at;
    this.#failures = 0;
    this.#problem = undefined;
  }
}

/** How far one channel is. */
export interface ChannelProgress {
  readonly id: string;
  readonly status: string;
  readonly reader: ReaderState;
  /**
   * Age of the oldest change that is not yet accepted, in ms, and where reads fail at least since they do; 0 when all are
   * accepted that were read, and nothing follows.
   */
  readonly lagMs: number;
  /** Since its place was stored, or since it was taken over, in ms. */
  readonly checkpointAgeMs: number;
  readonly inFlight: number;
  /** It stands still at an event that nobody will have. */
  readonly held: boolean;
  /** How often it was given up since all was well. */
  readonly failures: number;
  /** Why it stands still, or cannot be read; absent when neither is so. */
  readonly reason?: string;
}

/** What the source is doing. */
export interface SourceStatus {
  readonly clientId: string | undefined;
  /** Undefined when no client is connected. */
  readonly heartbeatAgeMs: number | undefined;
  /** Why there is no client, or its heartbeats fail. */
  readonly problem: string | undefined;
  readonly channels: readonly ChannelProgress[];
}

/** Once may happen to every channel. */
const MIN_REPORTED_FAILURES = 2;

/** Why the source is not ready, in a sentence; undefined when it is. */
export function notReadyReason(
  { heartbeatAgeMs, problem, channels }: SourceStatus,
  { timeoutMs, longestLagMs }: { readonly timeoutMs: number; readonly longestLagMs: number },
): string | undefined {
  if (heartbeatAgeMs === undefined) return withReason('no client is connected to the tunnel', problem);
  if (heartbeatAgeMs > timeoutMs)
    return withReason(`the last heartbeat is ${heartbeatAgeMs} ms old, ${timeoutMs} are allowed`, problem);
  const held = channels.find((channel) => channel.held);
  if (held !== undefined)
    return withReason(`channel ${held.id} stands still at an event that the sink will not have`, held.reason);
  const failing = channels.find(({ failures }) => failures >= MIN_REPORTED_FAILURES);
  if (failing !== undefined)
    return withReason(`channel ${failing.id} fails, ${failing.failures} times by now`, failing.reason);
  const late = channels.find(({ lagMs }) => lagMs > longestLagMs);
  if (late === undefined) return undefined;
  return withReason(
    `channel ${late.id} is ${late.lagMs} ms behind, ${longestLagMs} are allowed`,
    late.reason,
  );
}

const withReason = (sentence: string, reason: string | undefined): string =>
  reason === undefined ? sentence : `${sentence}: ${reason}`;
