import type { Failure } from '../../domain/weather/provider-failure.ts';

/** Calls without any answer, one after the other, after which a run has no sense. */
const FAILED_IN_A_ROW = 100;

/**
 * A run as far as this process knows of it. Its first call is made alone: a wrong key is then one refusal for each
 * worker, and not one for each call that was under way. What stops the run stops every batch of it here at once.
 */
export class RunGate {
  #proof: Promise<void> | undefined;
  #stopped: Failure | undefined;
  #failedInARow = 0;

  /** What ends the run, once that is known. */
  get stopped(): Failure | undefined {
    return this.#stopped;
  }

  /** Makes the first call, or waits until it is answered; what it throws is thrown to its maker only. */
  async proven(first: () => Promise<void>): Promise<void> {
    if (this.#proof === undefined) {
      const call = first();
      this.#proof = call.catch(() => undefined);
      await call;
    } else await this.#proof;
  }

  succeeded(): void {
    this.#failedInARow = 0;
  }

  failed(failure: Failure): void {
    this.#failedInARow++;
    if (failure.class === 'quota' || failure.class === 'configuration') this.#stopped ??= failure;
    else if (this.#failedInARow >= FAILED_IN_A_ROW && failure.class !== 'place')
      this.#stopped ??= {
        ...failure,
        reason: `${FAILED_IN_A_ROW} calls in a row gave nothing, the last one: ${failure.reason}`,
      };
  }
}

/** Runs that are kept in mind: more than can be worked on at the same time. */
const RUNS = 32;

/** The gates of the latest runs, by their id. */
export class RunGates {
  readonly #gates = new Map<string, RunGate>();

  of(runId: string): RunGate {
    const known = this.#gates.get(runId);
    if (known !== undefined) return known;
    const gate = new RunGate();
    this.#gates.set(runId, gate);
    const [oldest] = this.#gates.keys();
    if (this.#gates.size > RUNS && oldest !== undefined) this.#gates.delete(oldest);
    return gate;
  }
}
