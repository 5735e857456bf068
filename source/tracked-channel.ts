import type { ReaderState } from '../ots/tunnel/channel-states.ts';
import { Bag } from './bag.ts';
import type { ChannelProgress } from './progress-now.ts';

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
