/** A place in a bag. */
export interface ListItem<T> {
  readonly value: T;
  index: number;
}

/**
 * Values that come and go very often, in no order. Not a Set: a Set's table is replaced again and again, each old one
 * points to the next, and one that has grown old keeps all that follow, with what they hold, from being collected as
 * young: that took a fifth of the source's time.
 */
export class UnorderedList<T> {
  readonly #items: ListItem<T>[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(value: T): ListItem<T> {
    const held = { value, index: this.#items.length };
    this.#items.push(held);
    return held;
  }

  /** Removes what is there; what was removed before stays so. */
  remove(held: ListItem<T>): void {
    if (this.#items[held.index] !== held) return;
    const last = this.#items.pop();
    if (last === undefined || last === held) return;
    this.#items[held.index] = last;
    last.index = held.index;
  }

  values(): T[] {
    return this.#items.map(({ value }) => value);
  }
}
