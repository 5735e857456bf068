import { condition, sleep } from '@temporalio/workflow';

/**
 * Timers that continue while a run does something else. A hosted Temporal bills each start of a timer. So if a run is
 * woken earlier, and then waits for the same instant again, it does not start a second timer. A timer that is no
 * longer needed runs out.
 */
export class WakeTimers {
  /** The instants of running timers, in epoch ms. */
  private readonly running = new Set<number>();

  /** Waits until an instant (epoch ms), or until `mustWake` returns true. Resolves to false if the instant came first. */
  async waitUntil(at: number, mustWake: () => boolean): Promise<boolean> {
    if (mustWake()) return true;
    if (!this.running.has(at)) this.start(at);
    await condition(() => mustWake() || !this.running.has(at));
    return this.running.has(at);
  }

  private start(at: number): void {
    this.running.add(at);
    const end = (): void => void this.running.delete(at);
    // The promise is rejected only if the run is cancelled, which also ends the wait.
    void sleep(Math.max(1, at - Date.now())).then(end, end);
  }
}
