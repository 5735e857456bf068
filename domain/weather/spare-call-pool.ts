/**
 * The calls of a refresh slot that are not needed for first attempts. Each running batch gets an equal number of
 * them, and gives back those that it did not use.
 */
export class SpareCallPool {
  readonly #maxBatches: number;
  #callsLeft: number;
  #activeShares = 0;

  /** `calls`: the size of the pool; undefined: unlimited. `maxBatches`: the maximum number of concurrent batches. */
  constructor(calls: number | undefined, maxBatches: number) {
    this.#callsLeft = calls ?? Number.POSITIVE_INFINITY;
    this.#maxBatches = maxBatches;
  }

  /** Returns the number of spare calls for a batch that starts; undefined: unlimited. */
  takeShare(): number | undefined {
    if (this.#callsLeft === Number.POSITIVE_INFINITY) return undefined;
    const share = Math.ceil(this.#callsLeft / Math.max(1, this.#maxBatches - this.#activeShares));
    this.#activeShares++;
    this.#callsLeft -= share;
    return share;
  }

  /** Takes back the unused `calls` of a batch that has ended. */
  returnUnused(calls: number): void {
    this.#activeShares--;
    this.#callsLeft += calls;
  }
}
