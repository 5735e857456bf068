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

/** Returns a function that lets other work of the process run after each turn. It throws when the signal is aborted. */
export function pauseBetweenTurns(signal: AbortSignal): () => Promise<void> {
  const turn = new Turn();
  return async () => {
    signal.throwIfAborted();
    if (turn.isOver()) await turn.startNext();
  };
}
