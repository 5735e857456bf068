import type { Database } from 'lmdb';
import { matches } from '../../domain/event-pattern.ts';
import type { LocalDatabase } from '../database.ts';
import type { ObjectChangePublisher } from '../oss/object-change.ts';
import { objectEvent } from './object-event.ts';
import type { Rule } from './rules.ts';

/** An event for the target of a rule. `body` is the request body, `queuedMs` the time at which it was added. */
export interface OutboxEntry {
  readonly rule: string;
  readonly id: string;
  readonly body: string;
  readonly queuedMs: number;
}

/** Undelivered events with increasing numbers. They are stored in the same database as the objects. */
export class Outbox {
  readonly #entries: Database<OutboxEntry, number>;
  #nextNumber: number;
  /** Called with the number of each new entry, possibly before the transaction that adds it has ended. */
  onAdded: (number: number) => void = () => {};

  constructor(database: LocalDatabase) {
    this.#entries = database.openDB<OutboxEntry, number>({ name: 'eventbridge.outbox' });
    const [last] = this.#entries.getKeys({ reverse: true, limit: 1 });
    this.#nextNumber = (last ?? 0) + 1;
  }

  /** Adds an entry. Within a transaction, the entry exists only if the transaction commits. */
  add(entry: OutboxEntry): void {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    this.#entries.putSync(number, entry);
    this.onAdded(number);
  }

  get(number: number): OutboxEntry | undefined {
    return this.#entries.get(number);
  }

  remove(number: number): void {
    this.#entries.removeSync(number);
  }

  /** Returns the numbers of all entries, oldest first. */
  numbers(): number[] {
    return [...this.#entries.getKeys({})];
  }
}

/** Adds the event of a change to the outbox, once for every rule that it matches. */
export function publishByRules(rules: readonly Rule[], outbox: Outbox): ObjectChangePublisher {
  return {
    publish(change) {
      const queuedMs = Date.now();
      const event = objectEvent(change, queuedMs);
      const matched = rules.filter(({ pattern }) => matches(pattern, event));
      if (matched.length === 0) return;
      const body = JSON.stringify(event);
      for (const { name } of matched) outbox.add({ rule: name, id: event.id, body, queuedMs });
    },
  };
}
