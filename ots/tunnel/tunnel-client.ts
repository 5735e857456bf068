import { setTimeout as sleep } from 'node:timers/promises';
import type { BackoffPolicy } from '../../domain/backoff.ts';
import { ChannelReader, type ProcessBatch, ProcessingFailed } from './channel-reader.ts';
import {
  type ChannelReport,
  mergeChannelReports,
  nextReport,
  type ReaderState,
  readerActionFor,
} from './channel-states.ts';
import type { ClientRef, TunnelApi } from './tunnel-api.ts';
import { tunnelErrorAction } from './tunnel-error-action.ts';
import type { TunnelObserver } from './tunnel-observer.ts';

export interface TunnelClientOptions {
  readonly tunnelId: string;
  /** Identifies the client in the answer to `describe`. */
  readonly clientTag: string;
  readonly heartbeatMs: number;
  /** After this time without a heartbeat, the service gives the channels to other clients, and this client stops. */
  readonly timeoutMs: number;
  /** The pause after a read without records. */
  readonly poll: BackoffPolicy;
  readonly idleCheckpointMs: number;
  /**
   * How long a batch in flight may take when its channel is given to another client, or when the client stops. The
   * drain takes at most half of `timeoutMs`, and ends before the client's timeout.
   */
  readonly drainMs: number;
}

/** The service may have given this client's channels to other clients. */
export class ClientLost extends Error {
  override readonly name = 'ClientLost';
}

/** The pause before the next heartbeat after a failure: short, but long enough to avoid a tight loop. */
const FAILURE_HEARTBEAT_MS = 1_000;

/** The shortest time in which an answer is possible. */
const MIN_HEARTBEAT_TIMEOUT_MS = 20;

/** Upper bound for the timeout of one heartbeat. */
const MAX_HEARTBEAT_TIMEOUT_MS = 10_000;

/**
 * One client of a tunnel, from connect to shutdown. It sends heartbeats independently of the processing, and reads the
 * channels that the service assigns to it.
 */
export class TunnelClient {
  readonly #api: TunnelApi;
  readonly #ref: ClientRef;
  readonly #process: ProcessBatch;
  readonly #options: TunnelClientOptions;
  readonly #observer: TunnelObserver;
  readonly #readers = new Map<string, ChannelReader>();
  #reports = new Map<string, ChannelReport>();
  #lastHeartbeatAt: number;
  /** The error of the last heartbeat; undefined if it succeeded. */
  #lastFailure: unknown;
  #wake = new AbortController();

  constructor(
    api: TunnelApi,
    ref: ClientRef,
    process: ProcessBatch,
    options: TunnelClientOptions,
    { connectedAt, observer }: { connectedAt: number; observer: TunnelObserver },
  ) {
    this.#api = api;
    this.#ref = ref;
    this.#process = process;
    this.#options = options;
    this.#observer = observer;
    this.#lastHeartbeatAt = connectedAt;
  }

  /**
   * Works until the signal is aborted. Then finishes the batches in flight, stores their checkpoints and gives the
   * channels back.
   * @throws ClientLost, ProcessingFailed, or an error that only a person can fix
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const pause = await this.#sendHeartbeat(signal);
        await this.#waitForHeartbeat(pause, signal);
        this.#throwFailure();
      }
    } catch (error) {
      if (!signal.aborted) {
        for (const reader of this.#readers.values()) reader.abandon();
        await this.#allSettled();
        if (error instanceof ProcessingFailed) await this.#shutdown();
        throw error;
      }
    }
    for (const reader of this.#readers.values()) reader.drain(this.#drainMs());
    await this.#allSettled();
    await this.#shutdown();
  }

  /**
   * How long a drain may take. The client sends no heartbeats while it stops, because the service would assign new
   * channels to it. So the drain must end before the service gives the channels to other clients.
   */
  #drainMs(): number {
    const { drainMs, timeoutMs } = this.#options;
    return Math.max(0, Math.min(drainMs, timeoutMs / 2, timeoutMs - this.#silentMs()));
  }

  /** Sends one heartbeat. Returns the wait until the next one in ms. */
  async #sendHeartbeat(signal: AbortSignal): Promise<number> {
    const { heartbeatMs, timeoutMs } = this.#options;
    this.#assertAlive();
    const sentAt = performance.now();
    // Without an answer within this time the client is lost.
    const leftMs = timeoutMs - this.#silentMs();
    // Do not send a heartbeat now: its failure would only hide the reason of the earlier failures.
    if (leftMs < MIN_HEARTBEAT_TIMEOUT_MS) return leftMs;
    const answerTimeoutMs = Math.floor(Math.min(timeoutMs / 3, MAX_HEARTBEAT_TIMEOUT_MS, leftMs));
    for (const [id, channel] of this.#reports) this.#reports.set(id, this.#report(channel));
    try {
      const reports = [...this.#reports.values()];
      const answered = await this.#api.heartbeat(this.#ref, reports, answerTimeoutMs, signal);
      this.#lastHeartbeatAt = sentAt;
      this.#lastFailure = undefined;
      this.#observer.heartbeat?.();
      this.#applyReports(answered);
      return Math.max(0, heartbeatMs - (performance.now() - sentAt));
    } catch (error) {
      signal.throwIfAborted();
      if (tunnelErrorAction(error, 'tunnel') !== 'retry') throw error;
      this.#lastFailure = error;
      this.#observer.retry?.('/tunnel/heartbeat', error);
      return Math.max(0, Math.min(heartbeatMs, FAILURE_HEARTBEAT_MS, timeoutMs - this.#silentMs()));
    }
  }

  /** Returns the next report of a channel. If it reports the end of the channel's reader, drops the reader. */
  #report(channel: ChannelReport): ChannelReport {
    const reader = this.#readers.get(channel.channelId);
    const report = nextReport(channel, stateOf(reader));
    if (report !== channel) this.#readers.delete(channel.channelId);
    return report;
  }

  #applyReports(answered: readonly ChannelReport[]): void {
    this.#reports = mergeChannelReports(this.#reports, answered);
    for (const [id, reader] of this.#readers) {
      if (this.#reports.has(id)) continue;
      reader.abandon();
      this.#readers.delete(id);
    }
    for (const channel of this.#reports.values()) {
      const reader = this.#readers.get(channel.channelId);
      const action = readerActionFor(channel, stateOf(reader));
      if (action === 'start') this.#startReader(channel.channelId);
      else if (action === 'drain') reader?.drain(this.#drainMs());
      else if (action === 'abandon') reader?.abandon();
    }
    this.#observer.channels?.(
      [...this.#reports.values()].map((channel) => ({
        ...channel,
        reader: stateOf(this.#readers.get(channel.channelId)),
      })),
    );
  }

  #startReader(channelId: string): void {
    const { poll, idleCheckpointMs } = this.#options;
    const reader = new ChannelReader(channelId, {
      ...{ api: this.#api, client: this.#ref, process: this.#process, poll, idleCheckpointMs },
      assertAlive: () => this.#assertAlive(),
      onOpened: (id) => this.#observer.opened?.(id),
      onReadFailed: (id, error) => this.#observer.readFailed?.(id, error),
      onMismatch: (id) => this.#observer.mismatch?.(id),
      onPage: (id, records, caughtUp) => this.#observer.page?.(id, records, caughtUp),
      onCheckpoint: (id) => this.#observer.checkpoint?.(id),
      onSettled: (id) => this.#onReaderSettled(id),
      channelCount: () => this.#readers.size,
    });
    this.#readers.set(channelId, reader);
  }

  /**
   * Triggers an early heartbeat, so that the next client gets the channel without delay. After a transient failure,
   * the heartbeat follows after a pause.
   */
  #onReaderSettled(channelId: string): void {
    const reader = this.#readers.get(channelId);
    if (reader?.state !== 'failed') {
      this.#wake.abort();
      return;
    }
    this.#observer.channelFailed?.(channelId, reader.failure);
    const isFinal = reader.failure instanceof ProcessingFailed || reader.failure instanceof ClientLost;
    setTimeout(() => this.#wake.abort(), isFinal ? 0 : FAILURE_HEARTBEAT_MS).unref();
  }

  #throwFailure(): void {
    for (const { failure } of this.#readers.values()) {
      if (failure instanceof ProcessingFailed || failure instanceof ClientLost) throw failure;
      if (failure !== undefined && tunnelErrorAction(failure, 'channel') === 'fatal') throw failure;
    }
  }

  #assertAlive(): void {
    const silentMs = this.#silentMs();
    if (silentMs < this.#options.timeoutMs) return;
    const sentence = `no heartbeat for ${Math.round(silentMs)} ms, more than the allowed ${this.#options.timeoutMs} ms`;
    const failure = this.#lastFailure;
    if (failure === undefined) throw new ClientLost(sentence);
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new ClientLost(`${sentence}: ${why}`, { cause: failure });
  }

  #silentMs(): number {
    return performance.now() - this.#lastHeartbeatAt;
  }

  async #waitForHeartbeat(ms: number, signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake.abort();
    signal.addEventListener('abort', wake, { once: true });
    if (ms > 0 && !signal.aborted)
      await sleep(ms, undefined, { signal: this.#wake.signal }).catch(() => undefined);
    signal.removeEventListener('abort', wake);
    if (this.#wake.signal.aborted) this.#wake = new AbortController();
  }

  async #allSettled(): Promise<void> {
    await Promise.all([...this.#readers.values()].map(({ settled }) => settled));
  }

  async #shutdown(): Promise<void> {
    // If this call fails, the service treats the client as lost after its timeout.
    await this.#api
      .shutdown(this.#ref, 3_000)
      .catch((error: unknown) => this.#observer.retry?.('/tunnel/shutdown', error));
  }
}

const stateOf = (reader: ChannelReader | undefined): ReaderState => reader?.state ?? 'none';
