/**
 * What of a slot's calls is left beyond one for each place, or for as many as a call is for: given out to the batches
 * that are worked on, evenly, and taken back from them as far as they did not need it.
 */
export class SpareCallPool {
  readonly #lanes: number;
  #left: number;
  #activeShares = 0;

  /** Of so many calls, for at most so many batches at a time; undefined: as many as one likes. */
  constructor(calls: number | undefined, lanes: number) {
    this.#left = calls ?? Number.POSITIVE_INFINITY;
    this.#lanes = lanes;
  }

  /** The share of a batch that begins; undefined: as many as one likes. */
  takeShare(): number | undefined {
    if (this.#left === Number.POSITIVE_INFINITY) return undefined;
    const share = Math.ceil(this.#left / Math.max(1, this.#lanes - this.#activeShares));
    this.#activeShares++;
    this.#left -= share;
    return share;
  }

  /** A batch that had a share is done, and did not need so many of it. */
  returnUnused(calls: number): void {
    this.#activeShares--;
    this.#left += calls;
  }
}
