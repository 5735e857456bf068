import { Unavailable } from './errors.ts';

/**
 * Bounds on concurrent work; an absent bound means unlimited. Callers choose the unit of `weight`, such as bytes or
 * rows.
 */
export interface QueueCapacity {
  readonly slots?: number;
  readonly weight?: number;
}

export interface AdmissionLimits {
  readonly parallel: QueueCapacity;
  /** Bounds on the work that waits for a slot; an absent bound means unlimited. */
  readonly waiting?: QueueCapacity;
}

/** Permission for one unit of concurrent work. */
export interface Slot {
  /** Gives the slot back. Further calls do nothing. */
  release(): void;
}

interface Waiter {
  readonly weight: number;
  readonly admit: (slot: Slot) => void;
}

/** The wait that a rejected caller should observe before a retry. */
const RETRY_AFTER_MS = 1_000;

/**
 * Admits work while slots and weight are free. Other work waits, first come, first served. If one unit of work weighs
 * more than the limit, it is admitted alone.
 */
export class AdmissionQueue {
  readonly #parallel: Required<QueueCapacity>;
  readonly #waiting: Required<QueueCapacity>;
  readonly #waiters = new Set<Waiter>();
  #takenSlots = 0;
  #takenWeight = 0;
  #waitingWeight = 0;

  constructor({ parallel, waiting = {} }: AdmissionLimits) {
    this.#parallel = { slots: Number.POSITIVE_INFINITY, weight: Number.POSITIVE_INFINITY, ...parallel };
    this.#waiting = { slots: Number.POSITIVE_INFINITY, weight: Number.POSITIVE_INFINITY, ...waiting };
  }

  /** The number of admitted and waiting units of work. */
  get pending(): number {
    return this.#takenSlots + this.#waiters.size;
  }

  /**
   * True if no more work of this weight may wait. Then `wait` rejects the work, unless it gets a slot at once. If
   * nothing else waits, work that weighs more than the waiting limit may still wait.
   */
  isFull(weight = 0): boolean {
    const { size } = this.#waiters;
    if (size >= this.#waiting.slots) return true;
    return size > 0 && this.#waitingWeight + weight > this.#waiting.weight;
  }

  /** Returns a slot, or undefined if the caller has to wait for one. */
  tryEnter(weight = 0): Slot | undefined {
    return this.#waiters.size === 0 && this.#fits(weight) ? this.#takeSlot(weight) : undefined;
  }

  /**
   * Resolves to a slot when it is this caller's turn. The caller leaves the queue when the signal aborts.
   * @throws Unavailable of type `Busy`, at once, if the queue is full; the signal's reason if it aborts
   */
  async wait(weight = 0, signal?: AbortSignal): Promise<Slot> {
    signal?.throwIfAborted();
    const slot = this.tryEnter(weight);
    if (slot !== undefined) return slot;
    if (this.isFull(weight)) {
      const message = `the queue is full: ${this.#waiters.size} waiting, with a total weight of ${this.#waitingWeight}`;
      throw new Unavailable('Busy', message, { afterMs: RETRY_AFTER_MS });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#remove(waiter);
        reject(signal?.reason);
        // A later waiter may have enough room now.
        this.#admitNext();
      };
      const waiter: Waiter = {
        weight,
        admit(slot) {
          signal?.removeEventListener('abort', leave);
          resolve(slot);
        },
      };
      this.#waiters.add(waiter);
      this.#waitingWeight += weight;
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Runs `work` in a slot, and releases the slot at the end. */
  async run<T>(work: () => Promise<T>, weight = 0, signal?: AbortSignal): Promise<T> {
    const slot = this.tryEnter(weight) ?? (await this.wait(weight, signal));
    try {
      return await work();
    } finally {
      slot.release();
    }
  }

  #fits(weight: number): boolean {
    if (this.#takenSlots === 0) return true;
    return this.#takenSlots < this.#parallel.slots && this.#takenWeight + weight <= this.#parallel.weight;
  }

  #takeSlot(weight: number): Slot {
    this.#takenSlots++;
    this.#takenWeight += weight;
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#takenSlots--;
        this.#takenWeight -= weight;
        this.#admitNext();
      },
    };
  }

  #remove(waiter: Waiter): void {
    if (this.#waiters.delete(waiter)) this.#waitingWeight -= waiter.weight;
  }

  /** Admits strictly in order. Otherwise heavy work could wait forever. */
  #admitNext(): void {
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.weight)) return;
      this.#remove(waiter);
      waiter.admit(this.#takeSlot(waiter.weight));
    }
  }
}
