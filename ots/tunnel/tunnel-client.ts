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
  /** What `describe` shows of who reads. */
  readonly clientTag: string;
  readonly heartbeatMs: number;
  /** After so long without a heartbeat the service gives the channels to others, and this client stops. */
  readonly timeoutMs: number;
  /** How long a channel without records rests before it is read again. */
  readonly poll: BackoffPolicy;
  readonly idleCheckpointMs: number;
  /**
   * How long a batch may still take when its channel is wanted elsewhere, or all is to stop; never more than half of
   * `timeoutMs`, nor beyond it.
   */
  readonly drainMs: number;
}

/** The service may have given this client's channels to another. */
export class ClientLost extends Error {
  override readonly name = 'ClientLost';
}

/** A failed channel is told soon, but not in a loop. */
const FAILURE_HEARTBEAT_MS = 1_000;

/** Less time is not enough for any answer. */
const MIN_HEARTBEAT_TIMEOUT_MS = 20;

/** How long one heartbeat may take, at most. */
const MAX_HEARTBEAT_TIMEOUT_MS = 10_000;

/**
 * One client of a tunnel, from connect to shutdown: it keeps its heartbeat, whatever the processing does, and reads the
 * channels that it is given.
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
  /** Why heartbeats fail; undefined while they do not. */
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
   * Works until the signal: then batches under way are finished, their places stored, and the channels given back.
   * @throws ClientLost, ProcessingFailed, or what the service will not forgive
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
   * No heartbeat goes on while all is to stop: the service would give this client new channels that it does not read.
   * So a drain has to end well before the service gives the channels to others.
   */
  #drainMs(): number {
    const { drainMs, timeoutMs } = this.#options;
    return Math.max(0, Math.min(drainMs, timeoutMs / 2, timeoutMs - this.#silentMs()));
  }

  /** One heartbeat; answers how long until the next. */
  async #sendHeartbeat(signal: AbortSignal): Promise<number> {
    const { heartbeatMs, timeoutMs } = this.#options;
    this.#assertAlive();
    const sentAt = performance.now();
    // Without an answer by then the client is lost, and has to know it.
    const leftMs = timeoutMs - this.#silentMs();
    // It would only hide why the ones before it failed.
    if (leftMs < MIN_HEARTBEAT_TIMEOUT_MS) return leftMs;
    const deadlineMs = Math.floor(Math.min(timeoutMs / 3, MAX_HEARTBEAT_TIMEOUT_MS, leftMs));
    for (const [id, channel] of this.#reports) this.#reports.set(id, this.#report(channel));
    try {
      const reports = [...this.#reports.values()];
      const answered = await this.#api.heartbeat(this.#ref, reports, deadlineMs, signal);
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
      const order = readerActionFor(channel, stateOf(reader));
      if (order === 'start') this.#startReader(channel.channelId);
      else if (order === 'drain') reader?.drain(this.#drainMs());
      else if (order === 'abandon') reader?.abandon();
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

  /** Tells it with a heartbeat of its own, so that the next owner need not wait for the regular one. */
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
    const sentence = `no heartbeat for ${Math.round(silentMs)} ms, ${this.#options.timeoutMs} are allowed`;
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
    // The service would find out by itself, only later.
    await this.#api
      .shutdown(this.#ref, 3_000)
      .catch((error: unknown) => this.#observer.retry?.('/tunnel/shutdown', error));
  }
}

const stateOf = (reader: ChannelReader | undefined): ReaderState => reader?.state ?? 'none';
