/** How long a channel without records rests before it is read again. */
export interface PollSettings {
  readonly firstMs: number;
  /** It is also how long the first change after a rest may take to be seen. */
  readonly longestMs: number;
}

const FACTOR = 2;
/** Channels that fell idle together are not read together. */
const JITTER = 0.25;

/** Pauses that grow while nothing comes; `reset` by anything that came. */
export class PollPause {
  readonly #settings: PollSettings;
  #nextMs: number;

  constructor(settings: PollSettings) {
    this.#settings = settings;
    this.#nextMs = settings.firstMs;
  }

  reset(): void {
    this.#nextMs = this.#settings.firstMs;
  }

  next(): number {
    const pause = this.#nextMs;
    this.#nextMs = Math.min(pause * FACTOR, this.#settings.longestMs);
    return pause * (1 - JITTER + 2 * JITTER * Math.random());
  }
}
