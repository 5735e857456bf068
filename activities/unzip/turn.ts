import { setImmediate } from 'node:timers/promises';

/** Synchronous work blocks heartbeats and other activities for at most about this many milliseconds. */
const TURN_MS = 5;

/** Measures how long synchronous work has run without a pause. */
export class Turn {
  #startedAt = performance.now();

  isOver(): boolean {
    return performance.now() - this.#startedAt > TURN_MS;
  }

  /** Lets other work of the process run, and starts a new turn. */
  async startNext(): Promise<void> {
    await setImmediate();
    this.#startedAt = performance.now();
  }
}
