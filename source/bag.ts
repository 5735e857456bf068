/** A place in a bag. */
export interface Held<T> {
  readonly value: T;
  index: number;
}

/**
 * Values that come and go very often, in no order. Not a Set: a Set's table is replaced again and again, each old one
 * points to the next, and one that has grown old keeps all that follow, with what they hold, from being collected as
 * young: that took a fifth of the source's time.
 */
export class Bag<T> {
  readonly #held: Held<T>[] = [];

  get size(): number {
    return this.#held.length;
  }

  add(value: T): Held<T> {
    const held = { value, index: this.#held.length };
    this.#held.push(held);
    return held;
  }

  /** Removes what is there; what was removed before stays so. */
  remove(held: Held<T>): void {
    if (this.#held[held.index] !== held) return;
    const last = this.#held.pop();
    if (last === undefined || last === held) return;
    this.#held[held.index] = last;
    last.index = held.index;
  }

  values(): T[] {
    return this.#held.map(({ value }) => value);
  }
}
