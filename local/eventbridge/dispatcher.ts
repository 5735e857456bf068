import { setMaxListeners } from 'node:events';
import { backoffMs } from '../../domain/backoff.ts';
import { messageOf } from '../../domain/errors.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import type { Log } from '../../runtime/log.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';
import type { Rule } from './rules.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

/** How events are delivered. The defaults are those of EventBridge, with shorter delays for local use. */
export interface DispatcherOptions {
  readonly gateway: string;
  readonly rules: readonly Rule[];
  readonly log: Log;
  readonly timeoutMs?: number;
  readonly firstWaitMs?: number;
  readonly longestWaitMs?: number;
  readonly giveUpAfterMs?: number;
  readonly concurrency?: number;
}

/** An entry of the outbox, and how many deliveries of it failed in this process. */
interface PendingDelivery {
  readonly number: number;
  readonly failures: number;
}

/**
 * Delivers the events of the outbox to the gateway, each at least once. A 2xx answer ends the delivery. After any other
 * answer or an error, the dispatcher retries with growing delays until the time limit. A failing event does not delay
 * other events.
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
      timeoutMs: 5 * SECOND_MS,
      firstWaitMs: SECOND_MS / 2,
      longestWaitMs: 30 * SECOND_MS,
      giveUpAfterMs: 24 * HOUR_MS,
      concurrency: 16,
      ...options,
    };
    setMaxListeners(0, this.#stopped.signal);
  }

  /** Delivers the events that an earlier process left and every event added from now on. */
  start(): void {
    this.#ready.push(...this.#outbox.numbers().map((number) => ({ number, failures: 0 })));
    this.#outbox.onAdded = (number) => {
      this.#ready.push({ number, failures: 0 });
      // The event may be added inside a transaction, which has ended when this callback runs.
      setImmediate(() => this.#startDeliveries());
    };
    this.#startDeliveries();
  }

  /** Aborts the deliveries in flight. Undelivered events stay in the outbox. */
  async stop(): Promise<void> {
    this.#outbox.onAdded = () => {};
    this.#stopped.abort();
    for (const timer of this.#retryTimers) clearTimeout(timer);
    await Promise.all(this.#inFlight);
  }

  #startDeliveries(): void {
    while (!this.#stopped.signal.aborted && this.#inFlight.size < this.#options.concurrency) {
      const delivery = this.#ready.shift();
      if (delivery === undefined) return;
      const entry = this.#outbox.get(delivery.number);
      if (entry === undefined) continue;
      const attempt = this.#deliver(delivery, entry).finally(() => {
        this.#inFlight.delete(attempt);
        this.#startDeliveries();
      });
      this.#inFlight.add(attempt);
    }
  }

  async #deliver(delivery: PendingDelivery, entry: OutboxEntry): Promise<void> {
    const { rules, log } = this.#options;
    const subject = { rule: entry.rule, eventId: entry.id, failures: delivery.failures };
    const rule = rules.find(({ name }) => name === entry.rule);
    if (rule === undefined) {
      this.#outbox.remove(delivery.number);
      log.warn(subject, 'event dropped: its rule no longer exists');
      return;
    }
    const problem = await this.#post(rule.target, entry.body);
    if (this.#stopped.signal.aborted && problem !== undefined) return;
    if (problem === undefined) {
      this.#outbox.remove(delivery.number);
      if (delivery.failures > 0) log.info(subject, 'event delivered');
    } else if (Date.now() - entry.queuedMs >= this.#options.giveUpAfterMs) {
      this.#outbox.remove(delivery.number);
      log.error({ ...subject, problem }, 'event dropped: it was not delivered within the time limit');
    } else {
      if (delivery.failures === 0) log.warn({ ...subject, problem }, 'event not delivered, will retry');
      this.#scheduleRetry({ number: delivery.number, failures: delivery.failures + 1 });
    }
  }

  /** Returns why an attempt failed, or undefined if the gateway accepted the event. */
  async #post(target: string, body: string): Promise<string | undefined> {
    const { gateway, timeoutMs } = this.#options;
    try {
      const { status, body: responseBody } = await sendHttp({
        url: `${gateway}${target}`,
        headers: { 'content-type': 'application/json' },
        ...{ body, timeoutMs, signal: this.#stopped.signal, maxBytes: 1_024 },
      });
      return status >= 200 && status < 300
        ? undefined
        : `${status} ${responseBody.toString().slice(0, 200)}`.trim();
    } catch (error) {
      return messageOf(error, 200);
    }
  }

  #scheduleRetry(delivery: PendingDelivery): void {
    const { firstWaitMs, longestWaitMs } = this.#options;
    const waits = { firstMs: firstWaitMs, longestMs: longestWaitMs, jitter: 0 };
    const wait = setTimeout(
      () => {
        this.#retryTimers.delete(wait);
        this.#ready.push(delivery);
        this.#startDeliveries();
      },
      backoffMs(waits, delivery.failures),
    );
    this.#retryTimers.add(wait);
  }
}
