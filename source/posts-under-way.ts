import { Bag, type Held } from './bag.ts';

/** How much later than at its deadline a post may be ended, as a part of the deadline. */
const LATENESS = 1 / 8;

/** A post, as far as it can be ended. */
export interface UnderWay {
  /** By `performance.now()`. */
  readonly beganAt: number;
  readonly signal: AbortSignal;
  end(reason: unknown): void;
}

/**
 * Posts that are under way, so that they end with their signal, or when they take too long. One listener for all of a
 * signal and one timer for all of them: each post's own would cost as much as half of the post.
 */
export class PostsUnderWay {
  readonly #deadlineMs: number;
  readonly #posts = new Bag<UnderWay>();
  readonly #heard = new WeakSet<AbortSignal>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** The post is ended unless `over` was called with the answer before. */
  begin(post: UnderWay): Held<UnderWay> {
    const { signal } = post;
    if (!this.#heard.has(signal)) {
      this.#heard.add(signal);
      signal.addEventListener('abort', () => this.#endOf(signal), { once: true });
    }
    this.#timer ??= setTimeout(() => this.#endLate(), this.#deadlineMs * LATENESS);
    return this.#posts.add(post);
  }

  over(post: Held<UnderWay>): void {
    this.#posts.remove(post);
  }

  #endOf(signal: AbortSignal): void {
    for (const post of this.#posts.values()) if (post.signal === signal) post.end(signal.reason);
  }

  #endLate(): void {
    const latest = performance.now() - this.#deadlineMs;
    const late = new Error(`no whole answer within ${this.#deadlineMs} ms`);
    for (const post of this.#posts.values()) if (post.beganAt <= latest) post.end(late);
    const more = this.#posts.size > 0;
    this.#timer = more ? setTimeout(() => this.#endLate(), this.#deadlineMs * LATENESS) : undefined;
  }
}
