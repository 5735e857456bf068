import { Unavailable } from './errors.ts';

/** How much may be at a time; absent: any number. `weight` is in the caller's unit, such as bytes or rows. */
export interface QueueCapacity {
  readonly slots?: number;
  readonly weight?: number;
}

export interface AdmissionLimits {
  readonly parallel: QueueCapacity;
  /** What may wait for a slot; absent: everything. */
  readonly waiting?: QueueCapacity;
}

/** A slot in the work under way. */
export interface Slot {
  /** Gives it back; once, however often it is called. */
  release(): void;
}

interface Waiter {
  readonly weight: number;
  readonly admit: (slot: Slot) => void;
}

/** Says how long the one who was refused should wait. */
const RETRY_AFTER_MS = 1_000;

/**
 * Admits work while there are slots and weight for it; the rest waits, first come, first served. Work that weighs more
 * than is allowed is admitted alone.
 */
export class AdmissionQueue {
  readonly #parallel: Required<QueueCapacity>;
  readonly #waiting: Required<QueueCapacity>;
  readonly #waiters = new Set<Waiter>();
  #slots = 0;
  #weight = 0;
  #waitingWeight = 0;

  constructor({ parallel, waiting = {} }: AdmissionLimits) {
    this.#parallel = { slots: Number.POSITIVE_INFINITY, weight: Number.POSITIVE_INFINITY, ...parallel };
    this.#waiting = { slots: Number.POSITIVE_INFINITY, weight: Number.POSITIVE_INFINITY, ...waiting };
  }

  /** How many are under way or waiting. */
  get pending(): number {
    return this.#slots + this.#waiters.size;
  }

  /** Whether one more of this weight may not wait. One that weighs more than may wait may still wait alone. */
  isFull(weight = 0): boolean {
    const { size } = this.#waiters;
    if (size >= this.#waiting.slots) return true;
    return size > 0 && this.#waitingWeight + weight > this.#waiting.weight;
  }

  /** A slot at once, or undefined where one has to wait. */
  tryEnter(weight = 0): Slot | undefined {
    return this.#waiters.size === 0 && this.#fits(weight) ? this.#takeSlot(weight) : undefined;
  }

  /**
   * A slot when it is this one's turn. It leaves the queue when the signal aborts.
   * @throws Unavailable of type `Busy` at once where the queue is full, or the signal's reason
   */
  async wait(weight = 0, signal?: AbortSignal): Promise<Slot> {
    signal?.throwIfAborted();
    const now = this.tryEnter(weight);
    if (now !== undefined) return now;
    if (this.isFull(weight)) {
      const sentence = `${this.#waiters.size} are waiting already, of weight ${this.#waitingWeight}`;
      throw new Unavailable('Busy', sentence, { afterMs: RETRY_AFTER_MS });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#remove(waiter);
        reject(signal?.reason);
        // One that came after it may fit.
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

  /** Does `work` in a slot of its own. */
  async run<T>(work: () => Promise<T>, weight = 0, signal?: AbortSignal): Promise<T> {
    const slot = this.tryEnter(weight) ?? (await this.wait(weight, signal));
    try {
      return await work();
    } finally {
      slot.release();
    }
  }

  #fits(weight: number): boolean {
    if (this.#slots === 0) return true;
    return this.#slots < this.#parallel.slots && this.#weight + weight <= this.#parallel.weight;
  }

  #takeSlot(weight: number): Slot {
    this.#slots++;
    this.#weight += weight;
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#slots--;
        this.#weight -= weight;
        this.#admitNext();
      },
    };
  }

  #remove(waiter: Waiter): void {
    if (this.#waiters.delete(waiter)) this.#waitingWeight -= waiter.weight;
  }

  /** Nobody overtakes, or what is large would never get its turn. */
  #admitNext(): void {
    for (const waiter of this.#waiters) {
      if (!this.#fits(waiter.weight)) return;
      this.#remove(waiter);
      waiter.admit(this.#takeSlot(waiter.weight));
    }
  }
}
