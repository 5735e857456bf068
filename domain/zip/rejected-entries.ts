import { InvalidInput } from '../errors.ts';

/** A failure names at most this many entries. */
const MAX_NAMED_ENTRIES = 20;

/** Collects the entries that cannot be extracted, so that one failure names all of them. */
export class RejectedEntries {
  readonly #named: { readonly name: string; readonly why: string }[] = [];
  #type: string | undefined;
  #rejectedCount = 0;

  add(type: string, why: string, nameOf: () => string): void {
    this.#type ??= type;
    this.#rejectedCount++;
    if (this.#named.length < MAX_NAMED_ENTRIES) this.#named.push({ name: nameOf(), why });
  }

  /** Throws `InvalidInput` of the first entry's type if there is any rejected entry. */
  throwIfAny(subject: string): void {
    if (this.#type === undefined) return;
    const byReason = new Map<string, string[]>();
    for (const { name, why } of this.#named) byReason.set(why, [...(byReason.get(why) ?? []), name]);
    const texts = [...byReason].map(([why, names]) =>
      names.length === 1
        ? `entry ${names[0]} ${why}`
        : `${names.length} entries: each ${why}: ${names.join(', ')}`,
    );
    const more = this.#rejectedCount - this.#named.length;
    if (more > 0) texts.push(`and ${more} more`);
    throw new InvalidInput(this.#type, `${subject}: ${texts.join('; ')}`);
  }
}
