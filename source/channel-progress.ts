import type { ReaderState } from '../ots/tunnel/channel-states.ts';
import { UnorderedList } from './unordered-list.ts';

/** The commit time of base data. It is later than any other time, so that base data never counts in the lag. */
const NO_COMMIT_TIME = Number.POSITIVE_INFINITY;

/** The progress of one channel. Times in epoch ms. */
export class TrackedChannel {
  status = 'OPEN';
  reader: ReaderState = 'reading';
  /** Commit times of the events in flight. */
  readonly #inFlight = new UnorderedList<number>();
  /** One reason for each event that blocks the channel. */
  readonly #blockedReasons = new UnorderedList<string>();
  #lastAcceptedMs: number | undefined;
  #caughtUp = true;
  #checkpointAt: number;
  /** The last time when reads worked and everything that was read was delivered. */
  #healthyAt: number;
  /** Failures since `#healthyAt`. */
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;

  constructor(at: number) {
    this.#checkpointAt = at;
    this.#healthyAt = at;
  }

  noteReadProblem(problem: string): void {
    this.#problem = problem;
  }

  markReaderFailed(problem: string, at: number): void {
    this.reader = 'failed';
    this.#failures++;
    this.#failedAt = at;
    this.#problem = problem;
  }

  addPage(records: number, caughtUp: boolean, at: number): void {
    this.#caughtUp = caughtUp;
    if (records === 0) this.#markHealthy(at);
    // After a failure, only a checkpoint shows that the records can be decoded.
    else if (this.#failures === 0) this.#problem = undefined;
  }

  addCheckpoint(at: number): void {
    this.#checkpointAt = at;
    this.#markHealthy(at);
  }

  /** Adds an event in flight. Returns the function to call when the event is no longer in flight. */
  beginEvent(committedMs: number | undefined): () => void {
    const event = this.#inFlight.add(committedMs ?? NO_COMMIT_TIME);
    return () => {
      this.#inFlight.remove(event);
      if (committedMs !== undefined && !(committedMs <= (this.#lastAcceptedMs ?? 0)))
        this.#lastAcceptedMs = committedMs;
    };
  }

  /** Adds an event that blocks the channel. Returns the function to call when the event no longer blocks it. */
  markBlocked(reason: string): () => void {
    const item = this.#blockedReasons.add(reason);
    return () => this.#blockedReasons.remove(item);
  }

  failedSince(at: number): boolean {
    return this.#failures > 0 && this.#failedAt >= at;
  }

  snapshot(at: number): Omit<ChannelProgress, 'id'> {
    const unhealthyMs = this.#problem === undefined ? 0 : at - this.#healthyAt;
    const [blockedReason] = this.#blockedReasons.values();
    const reason = blockedReason ?? this.#problem;
    const held = blockedReason !== undefined;
    return {
      ...{ status: this.status, reader: this.reader, inFlight: this.#inFlight.size },
      ...{ held, failures: this.#failures, ...(reason === undefined ? {} : { reason }) },
      lagMs: Math.max(0, unhealthyMs, at - this.#oldestPendingMs()),
      checkpointAgeMs: Math.max(0, at - this.#checkpointAt),
    };
  }

  #oldestPendingMs(): number {
    if (this.#inFlight.size > 0) return Math.min(...this.#inFlight.values());
    return this.#caughtUp ? NO_COMMIT_TIME : (this.#lastAcceptedMs ?? NO_COMMIT_TIME);
  }

  #markHealthy(at: number): void {
    this.#healthyAt = at;
    this.#failures = 0;
    this.#problem = undefined;
  }
}

/** The progress of one channel at one moment. */
export interface ChannelProgress {
  readonly id: string;
  readonly status: string;
  readonly reader: ReaderState;
  /**
   * Age of the oldest change that is not yet accepted, in ms. 0 if all records that were read are accepted and no
   * more follow. While reads fail, the lag is at least the time since the last moment when reads worked and nothing
   * was left to deliver.
   */
  readonly lagMs: number;
  /** Time since the last checkpoint, or since this client got the channel, in ms. */
  readonly checkpointAgeMs: number;
  readonly inFlight: number;
  /** The channel is blocked: no sink accepts one of its events. */
  readonly held: boolean;
  /** How often the channel has failed since it last worked. */
  readonly failures: number;
  /** Why the channel is blocked or cannot be read. Absent if the channel works. */
  readonly reason?: string;
}

/** The state of the source. */
export interface SourceStatus {
  readonly clientId: string | undefined;
  /** Undefined when no client is connected. */
  readonly heartbeatAgeMs: number | undefined;
  /** Why there is no client, or why the client's heartbeats fail. */
  readonly problem: string | undefined;
  readonly channels: readonly ChannelProgress[];
}

/** Fewer failures are not reported, because one failure can happen to any channel. */
const MIN_REPORTED_FAILURES = 2;

/** Returns one sentence with the reason why the source is not ready; undefined if it is ready. */
export function notReadyReason(
  { heartbeatAgeMs, problem, channels }: SourceStatus,
  { timeoutMs, longestLagMs }: { readonly timeoutMs: number; readonly longestLagMs: number },
): string | undefined {
  if (heartbeatAgeMs === undefined) return withReason('no client is connected to the tunnel', problem);
  if (heartbeatAgeMs > timeoutMs)
    return withReason(
      `the last heartbeat was ${heartbeatAgeMs} ms ago, more than the allowed ${timeoutMs} ms`,
      problem,
    );
  const blocked = channels.find((channel) => channel.held);
  if (blocked !== undefined)
    return withReason(`channel ${blocked.id} is blocked: no sink accepts one of its events`, blocked.reason);
  const failing = channels.find(({ failures }) => failures >= MIN_REPORTED_FAILURES);
  if (failing !== undefined)
    return withReason(`channel ${failing.id} has failed ${failing.failures} times in a row`, failing.reason);
  const lagging = channels.find(({ lagMs }) => lagMs > longestLagMs);
  if (lagging === undefined) return undefined;
  return withReason(
    `channel ${lagging.id} lags ${lagging.lagMs} ms, more than the allowed ${longestLagMs} ms`,
    lagging.reason,
  );
}

const withReason = (sentence: string, reason: string | undefined): string =>
  reason === undefined ? sentence : `${sentence}: ${reason}`;
