import { setMaxListeners } from 'node:events';
import { backoffMs } from '../../domain/backoff.ts';
import { messageOf } from '../../domain/errors.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import type { Log } from '../../runtime/log.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';
import type { Rule } from './rules.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

/** How events are pushed; the defaults are EventBridge's, with shorter waits as suits a laptop. */
export interface DispatcherOptions {
  readonly gateway: string;
  readonly rules: readonly Rule[];
  readonly log: Log;
  readonly deadlineMs?: number;
  readonly firstWaitMs?: number;
  readonly longestWaitMs?: number;
  readonly giveUpAfterMs?: number;
  readonly concurrency?: number;
}

/** An entry of the outbox, and how many pushes of it failed in this process. */
interface PendingDelivery {
  readonly number: number;
  readonly failures: number;
}

/**
 * Pushes the outbox to the gateway, at least once each: a 2xx ends it, anything else is an attempt, repeated with
 * growing waits until it is given up. An event that fails waits aside and holds up no other.
 */
export class Dispatcher {
  readonly #outbox: Outbox;
  readonly #options: Required<DispatcherOptions>;
  readonly #ready: PendingDelivery[] = [];
  readonly #retryTimers = new Set<NodeJS.Timeout>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(outbox: Outbox, options: DispatcherOptions) {
    this.#outbox = outbox;
    this.#options = {
      deadlineMs: 5 * SECOND_MS,
      firstWaitMs: SECOND_MS / 2,
      longestWaitMs: 30 * SECOND_MS,
      giveUpAfterMs: 24 * HOUR_MS,
      concurrency: 16,
      ...options,
    };
    setMaxListeners(0, this.#stopped.signal);
  }

  /** Takes up what an earlier process left, and whatever is added from now on. */
  start(): void {
    this.#ready.push(...this.#outbox.numbers().map((number) => ({ number, failures: 0 })));
    this.#outbox.onAdded = (number) => {
      this.#ready.push({ number, failures: 0 });
      // The transaction that adds it has ended by then.
      setImmediate(() => this.#startDeliveries());
    };
    this.#startDeliveries();
  }

  /** Ends the pushes that are under way; what was not delivered stays in the outbox. */
  async stop(): Promise<void> {
    this.#outbox.onAdded = () => {};
    this.#stopped.abort();
    for (const wait of this.#retryTimers) clearTimeout(wait);
    await Promise.all(this.#inFlight);
  }

  #startDeliveries(): void {
    while (!this.#stopped.signal.aborted && this.#inFlight.size < this.#options.concurrency) {
      const turn = this.#ready.shift();
      if (turn === undefined) return;
      const entry = this.#outbox.get(turn.number);
      if (entry === undefined) continue;
      const push = this.#deliver(turn, entry).finally(() => {
        this.#inFlight.delete(push);
        this.#startDeliveries();
      });
      this.#inFlight.add(push);
    }
  }

  async #deliver(turn: PendingDelivery, entry: OutboxEntry): Promise<void> {
    const { rules, log } = this.#options;
    const subject = { rule: entry.rule, eventId: entry.id, failures: turn.failures };
    const rule = rules.find(({ name }) => name === entry.rule);
    if (rule === undefined) {
      this.#outbox.remove(turn.number);
      log.warn(subject, 'event dropped: its rule is gone');
      return;
    }
    const problem = await this.#post(rule.target, entry.body);
    if (this.#stopped.signal.aborted && problem !== undefined) return;
    if (problem === undefined) {
      this.#outbox.remove(turn.number);
      if (turn.failures > 0) log.info(subject, 'event delivered');
    } else if (Date.now() - entry.queuedMs >= this.#options.giveUpAfterMs) {
      this.#outbox.remove(turn.number);
      log.error({ ...subject, problem }, 'event dropped: it could not be delivered in time');
    } else {
      if (turn.failures === 0) log.warn({ ...subject, problem }, 'event not delivered, trying again');
      this.#scheduleRetry({ number: turn.number, failures: turn.failures + 1 });
    }
  }

  /** Why an attempt failed; undefined when it was accepted. */
  async #post(target: string, body: string): Promise<string | undefined> {
    const { gateway, deadlineMs } = this.#options;
    try {
      const { status, body: said } = await sendHttp({
        url: `${gateway}${target}`,
        headers: { 'content-type': 'application/json' },
        ...{ body, deadlineMs, signal: this.#stopped.signal, maxBytes: 1_024 },
      });
      return status >= 200 && status < 300 ? undefined : `${status} ${said.toString().slice(0, 200)}`.trim();
    } catch (error) {
      return messageOf(error, 200);
    }
  }

  #scheduleRetry(turn: PendingDelivery): void {
    const { firstWaitMs, longestWaitMs } = this.#options;
    const waits = { firstMs: firstWaitMs, longestMs: longestWaitMs, jitter: 0 };
    const wait = setTimeout(
      () => {
        this.#retryTimers.delete(wait);
        this.#ready.push(turn);
        this.#startDeliveries();
      },
      backoffMs(waits, turn.failures),
    );
    this.#retryTimers.add(wait);
  }
}
