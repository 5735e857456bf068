/**
 * The calls of a refresh slot that are not needed for first attempts. Each running batch gets an equal number of
 * them, and gives back those that it did not use.
 */
export class SpareCallPool {
  readonly #lanes: number;
  #left: number;
  #activeShares = 0;

  /** `calls`: the size of the pool; undefined: unlimited. `lanes`: the maximum number of concurrent batches. */
  constructor(calls: number | undefined, lanes: number) {
    this.#left = calls ?? Number.POSITIVE_INFINITY;
    this.#lanes = lanes;
  }

  /** Returns the number of spare calls for a batch that starts; undefined: unlimited. */
  takeShare(): number | undefined {
    if (this.#left === Number.POSITIVE_INFINITY) return undefined;
    const share = Math.ceil(this.#left / Math.max(1, this.#lanes - this.#activeShares));
    this.#activeShares++;
    this.#left -= share;
    return share;
  }

  /** Takes back the unused `calls` of a batch that has ended. */
  returnUnused(calls: number): void {
    this.#activeShares--;
    this.#left += calls;
  }
}
