interface Waiting {
  readonly bytes: number;
  readonly resolve: () => void;
}

/**
 * Bytes that may be in use at a time; who needs more than are left waits, in the order in which they came. One that needs
 * more than there are at all gets them when nobody else has any.
 */
export class MemoryBudget {
  readonly #bytes: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** Undefined when they are taken at once; a promise that throws the signal's reason has taken none. */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#taken += bytes;
      return undefined;
    }
    return this.#wait(bytes, signal);
  }

  give(bytes: number): void {
    this.#taken -= bytes;
    this.#wake();
  }

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let leave = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiting = { bytes, resolve };
        leave = () => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          reject(signal.reason);
          // Who came after it may fit.
          this.#wake();
        };
        signal.addEventListener('abort', leave, { once: true });
        this.#waiting.push(waiting);
      });
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #wake(): void {
    for (let [next] = this.#waiting; next !== undefined && this.#fits(next.bytes); [next] = this.#waiting) {
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.resolve();
    }
  }

  #fits(bytes: number): boolean {
    return this.#taken === 0 || this.#taken + bytes <= this.#bytes;
  }
}
