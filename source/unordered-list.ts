/** A value in an `UnorderedList`. */
export interface ListItem<T> {
  readonly value: T;
  index: number;
}

/**
 * An unordered list of values that are added and removed very often. A Set would be slow: V8 often replaces the hash
 * table of a Set, and each replaced table refers to the next one. If one of these tables is in V8's old generation,
 * the garbage collector frees all later tables and their values late. This took a fifth of the source's CPU time.
 */
export class UnorderedList<T> {
  readonly #items: ListItem<T>[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(value: T): ListItem<T> {
    const item = { value, index: this.#items.length };
    this.#items.push(item);
    return item;
  }

  /** Removes an item. Does nothing if it was removed before. */
  remove(item: ListItem<T>): void {
    if (this.#items[item.index] !== item) return;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[item.index] = last;
    last.index = item.index;
  }

  values(): T[] {
    return this.#items.map(({ value }) => value);
  }
}
