import { Bag } from './bag.ts';

/** How much later than at its deadline a post may be ended, as a part of the deadline. */
const LATENESS = 1 / 8;

interface Post {
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
  readonly #posts = new Bag<Post>();
  readonly #heard = new WeakSet<AbortSignal>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** `end` is called, at most once, unless the answer was called before. */
  begin(signal: AbortSignal, end: (reason: unknown) => void): () => void {
    if (!this.#heard.has(signal)) {
      this.#heard.add(signal);
      signal.addEventListener('abort', () => this.#endOf(signal), { once: true });
    }
    const ended = (reason: unknown): void => {
      this.#posts.remove(held);
      end(reason);
    };
    const held = this.#posts.add({ beganAt: performance.now(), signal, end: ended });
    this.#timer ??= setTimeout(() => this.#endLate(), this.#deadlineMs * LATENESS);
    return () => this.#posts.remove(held);
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
