/** A place in the work under way; given back once, however often `leave` is called. */
export interface Place {
  leave(): void;
}

export interface WorkGate {
  /** Requests under way or waiting. */
  readonly pending: number;
  /** Whether the next one would be sent away at once. */
  readonly full: boolean;
  /**
   * Waits for a place for a request of `bytes`. Undefined at once when too many wait already, and when none came free
   * by `deadline` (epoch ms).
   */
  enter(bytes: number, deadline: number): Promise<Place | undefined>;
}

export interface GateLimits {
  /** Requests under way at a time. */
  readonly places: number;
  /** Bytes of bodies under way at a time; a larger body goes alone. Parsed JSON takes many times its bytes. */
  readonly bytes: number;
  /** Requests that may wait. */
  readonly waiting: number;
}

interface Waiter {
  readonly bytes: number;
  readonly admit: (place: Place | undefined) => void;
}

/** Bounds the work under way; first come, first served. */
export function createWorkGate(limits: GateLimits): WorkGate {
  let places = 0;
  let bytes = 0;
  const queue = new Set<Waiter>();

  const fits = (more: number): boolean =>
    places === 0 || (places < limits.places && bytes + more <= limits.bytes);
  const take = (more: number): Place => {
    places++;
    bytes += more;
    let left = false;
    return {
      leave() {
        if (left) return;
        left = true;
        places--;
        bytes -= more;
        for (const waiter of queue) {
          if (!fits(waiter.bytes)) return;
          queue.delete(waiter);
          waiter.admit(take(waiter.bytes));
        }
      },
    };
  };
  return {
    get pending() {
      return places + queue.size;
    },
    get full() {
      return queue.size >= limits.waiting;
    },
    enter(more, deadline) {
      if (queue.size === 0 && fits(more)) return Promise.resolve(take(more));
      if (queue.size >= limits.waiting) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const timer = setTimeout(
          () => {
            queue.delete(waiter);
            resolve(undefined);
          },
          Math.max(0, deadline - Date.now()),
        );
        const waiter: Waiter = {
          bytes: more,
          admit(place) {
            clearTimeout(timer);
            resolve(place);
          },
        };
        queue.add(waiter);
      });
    },
  };
}
