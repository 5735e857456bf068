import type { ReaderState } from '../ots/tunnel/channel-states.ts';
import { Bag } from './bag.ts';

/** Of base data: it is younger than everything, so that it counts in no lag. */
const NEVER = Number.POSITIVE_INFINITY;

/** How far one channel is; times in epoch ms. */
export class TrackedChannel {
  status = 'OPEN';
  reader: ReaderState = 'reading';
  /** Commit times of the events under way. */
  readonly #underWay = new Bag<number>();
  /** Why it stands still, of each event at which it does. */
  readonly #held = new Bag<string>();
  #lastAcceptedMs: number | undefined;
  #caughtUp = true;
  #checkpointAt: number;
  /** When it was last known that all that was read could be read and was delivered. */
  #soundAt: number;
  /** Failures since then. */
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;

  constructor(at: number) {
    this.#checkpointAt = at;
    this.#soundAt = at;
  }

  readFailed(problem: string): void {
    this.#problem = problem;
  }

  failed(problem: string, at: number): void {
    this.reader = 'failed';
    this.#failures++;
    this.#failedAt = at;
    this.#problem = problem;
  }

  page(records: number, caughtUp: boolean, at: number): void {
    this.#caughtUp = caughtUp;
    if (records === 0) this.#sound(at);
    // After a failure it has yet to be seen whether these records can be decoded.
    else if (this.#failures === 0) this.#problem = undefined;
  }

  checkpoint(at: number): void {
    this.#checkpointAt = at;
    this.#sound(at);
  }

  begin(committedMs: number | undefined): () => void {
    const event = this.#underWay.add(committedMs ?? NEVER);
    return () => {
      this.#underWay.remove(event);
      if (committedMs !== undefined && !(committedMs <= (this.#lastAcceptedMs ?? 0)))
        this.#lastAcceptedMs = committedMs;
    };
  }

  held(reason: string): () => void {
    const held = this.#held.add(reason);
    return () => this.#held.remove(held);
  }

  failedSince(at: number): boolean {
    return this.#failures > 0 && this.#failedAt >= at;
  }

  now(at: number): Omit<ChannelProgress, 'id'> {
    const unread = this.#problem === undefined ? 0 : at - this.#soundAt;
    const [held] = this.#held.values();
    const reason = held ?? this.#problem;
    return {
      ...{ status: this.status, reader: this.reader, inFlight: this.#underWay.size },
      ...{ held: held !== undefined, failures: this.#failures, ...(reason === undefined ? {} : { reason }) },
      lagMs: Math.max(0, unread, at - this.#oldest()),
      checkpointAgeMs: Math.max(0, at - this.#checkpointAt),
    };
  }

  #oldest(): number {
    if (this.#underWay.size > 0) return Math.min(...this.#underWay.values());
    return this.#caughtUp ? NEVER : (this.#lastAcceptedMs ?? NEVER);
  }

  #sound(at: number): void {
    this.#soundAt = at;
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
export interface ProgressNow {
  readonly clientId: string | undefined;
  /** Undefined when no client is connected. */
  readonly heartbeatAgeMs: number | undefined;
  /** Why there is no client, or its heartbeats fail. */
  readonly problem: string | undefined;
  readonly channels: readonly ChannelProgress[];
}

/** Once may happen to every channel. */
const FAILS_AGAIN = 2;

/** Why the source is not ready, in a sentence; undefined when it is. */
export function notReady(
  { heartbeatAgeMs, problem, channels }: ProgressNow,
  { timeoutMs, longestLagMs }: { readonly timeoutMs: number; readonly longestLagMs: number },
): string | undefined {
  if (heartbeatAgeMs === undefined) return because('no client is connected to the tunnel', problem);
  if (heartbeatAgeMs > timeoutMs)
    return because(`the last heartbeat is ${heartbeatAgeMs} ms old, ${timeoutMs} are allowed`, problem);
  const held = channels.find((channel) => channel.held);
  if (held !== undefined)
    return because(`channel ${held.id} stands still at an event that the sink will not have`, held.reason);
  const failing = channels.find(({ failures }) => failures >= FAILS_AGAIN);
  if (failing !== undefined)
    return because(`channel ${failing.id} fails, ${failing.failures} times by now`, failing.reason);
  const late = channels.find(({ lagMs }) => lagMs > longestLagMs);
  if (late === undefined) return undefined;
  return because(`channel ${late.id} is ${late.lagMs} ms behind, ${longestLagMs} are allowed`, late.reason);
}

const because = (sentence: string, reason: string | undefined): string =>
  reason === undefined ? sentence : `${sentence}: ${reason}`;
