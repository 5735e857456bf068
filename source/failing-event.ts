import type { Log } from '../runtime/log.ts';
import type { ChangeEvent } from './change-event.ts';
import type { SourceMetrics } from './metrics.ts';
import { type NextStep, nextStep, type Tries } from './next-step.ts';
import { setAside } from './set-aside.ts';
import type { PostEvent, Posted } from './sink.ts';

export interface FailingDeps {
  /** Where events go that the sink will not have; undefined: their channel stands still. */
  readonly deadLetter: PostEvent | undefined;
  /** Refusals after which an event is poison. */
  readonly tries: number;
  readonly metrics: SourceMetrics;
  readonly log: Log;
}

type Failure = Exclude<Posted, { outcome: 'accepted' }>;

/** An event that was not accepted at once: what was tried with it, and what it holds up. */
export class FailingEvent {
  readonly #deps: FailingDeps;
  readonly #channelId: string;
  readonly #tries: Tries = { refused: 0, unavailable: 0, suspect: 0 };
  #release: (() => void) | undefined;

  constructor(deps: FailingDeps, channelId: string) {
    this.#deps = deps;
    this.#channelId = channelId;
  }

  /**
   * What to do after a failure, in ms until the next try; undefined when the dead-letter sink has the event. `passed`
   * says whether the sink has taken others that were posted since the last try.
   */
  async failed(
    event: ChangeEvent,
    result: Failure,
    passed: boolean,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { tries, metrics } = this.#deps;
    metrics.retried(result.outcome);
    const step = nextStep(this.#tries, result, { tries, othersAccepted: passed });
    if (!step.setAside) this.#tell(event, result, step);
    else if (await this.#setAside(event, result, signal)) return undefined;
    return step.waitMs;
  }

  /** It holds nothing up any more. */
  end(): void {
    this.#release?.();
  }

  #tell(event: ChangeEvent, { reason }: Failure, { tell, tries }: NextStep): void {
    if (tell)
      this.#deps.log.warn({ ...this.#about(event), reason, tries }, 'an event could not be delivered yet');
  }

  async #setAside(event: ChangeEvent, { reason }: Failure, signal: AbortSignal): Promise<boolean> {
    const { deadLetter, metrics, log } = this.#deps;
    const about = { ...this.#about(event), reason };
    const kept = await setAside(deadLetter, event, reason, signal);
    if (kept.outcome === 'accepted') {
      metrics.delivered('dead_lettered');
      log.error(about, 'an event was given to the dead-letter sink');
      return true;
    }
    this.#release?.();
    const where = `, nor will the dead-letter sink (${kept.outcome}: ${kept.reason})`;
    this.#release = metrics.held(this.#channelId, deadLetter === undefined ? reason : `${reason}${where}`);
    log.error(
      about,
      `the sink will not have an event${deadLetter === undefined ? '' : where}: its channel stands still`,
    );
    return false;
  }

  #about({ attributes: { id, subject } }: ChangeEvent) {
    return { id, subject, channelId: this.#channelId };
  }
}
