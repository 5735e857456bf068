import { setTimeout as sleep } from 'node:timers/promises';
import type { BackoffPolicy } from '../../domain/backoff.ts';
import type { ClientRef, TunnelApi } from './api.ts';
import { ChannelReader, type Process, ProcessFailed } from './channel-reader.ts';
import { type ChannelReport, merged, orderFor, type ReaderState, reportOf } from './channel-states.ts';
import { errorEffect } from './error-effect.ts';
import type { TunnelObserver } from './observer.ts';

export interface ClientOptions {
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
const FAILED_MS = 1_000;

/** Less time is not enough for any answer. */
const SHORTEST_BEAT_MS = 20;

/** How long one heartbeat may take, at most. */
const LONGEST_BEAT_MS = 10_000;

/**
 * One client of a tunnel, from connect to shutdown: it keeps its heartbeat, whatever the processing does, and reads the
 * channels that it is given.
 */
export class TunnelClient {
  readonly #api: TunnelApi;
  readonly #ref: ClientRef;
  readonly #process: Process;
  readonly #options: ClientOptions;
  readonly #observer: TunnelObserver;
  readonly #readers = new Map<string, ChannelReader>();
  #known = new Map<string, ChannelReport>();
  #lastBeat: number;
  /** Why heartbeats fail; undefined while they do not. */
  #lastFailure: unknown;
  #wake = new AbortController();

  constructor(
    api: TunnelApi,
    ref: ClientRef,
    process: Process,
    options: ClientOptions,
    { connectedAt, observer }: { connectedAt: number; observer: TunnelObserver },
  ) {
    this.#api = api;
    this.#ref = ref;
    this.#process = process;
    this.#options = options;
    this.#observer = observer;
    this.#lastBeat = connectedAt;
  }

  /**
   * Works until the signal: then batches under way are finished, their places stored, and the channels given back.
   * @throws ClientLost, ProcessFailed, or what the service will not forgive
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        const pause = await this.#beat(signal);
        await this.#rest(pause, signal);
        this.#throwFailure();
      }
    } catch (error) {
      if (!signal.aborted) {
        for (const reader of this.#readers.values()) reader.abandon();
        await this.#allSettled();
        if (error instanceof ProcessFailed) await this.#shutdown();
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
  async #beat(signal: AbortSignal): Promise<number> {
    const { heartbeatMs, timeoutMs } = this.#options;
    this.#assertAlive();
    const sentAt = performance.now();
    // Without an answer by then the client is lost, and has to know it.
    const leftMs = timeoutMs - this.#silentMs();
    // It would only hide why the ones before it failed.
    if (leftMs < SHORTEST_BEAT_MS) return leftMs;
    const deadlineMs = Math.floor(Math.min(timeoutMs / 3, LONGEST_BEAT_MS, leftMs));
    for (const [id, channel] of this.#known) this.#known.set(id, this.#report(channel));
    try {
      const reports = [...this.#known.values()];
      const answered = await this.#api.heartbeat(this.#ref, reports, deadlineMs, signal);
      this.#lastBeat = sentAt;
      this.#lastFailure = undefined;
      this.#observer.heartbeat?.();
      this.#follow(answered);
      return Math.max(0, heartbeatMs - (performance.now() - sentAt));
    } catch (error) {
      signal.throwIfAborted();
      if (errorEffect(error, 'tunnel') !== 'retry') throw error;
      this.#lastFailure = error;
      this.#observer.retry?.('/tunnel/heartbeat', error);
      return Math.max(0, Math.min(heartbeatMs, FAILED_MS, timeoutMs - this.#silentMs()));
    }
  }

  #report(channel: ChannelReport): ChannelReport {
    const reader = this.#readers.get(channel.channelId);
    const report = reportOf(channel, stateOf(reader));
    if (report !== channel) this.#readers.delete(channel.channelId);
    return report;
  }

  #follow(answered: readonly ChannelReport[]): void {
    this.#known = merged(this.#known, answered);
    for (const [id, reader] of this.#readers) {
      if (this.#known.has(id)) continue;
      reader.abandon();
      this.#readers.delete(id);
    }
    for (const channel of this.#known.values()) {
      const reader = this.#readers.get(channel.channelId);
      const order = orderFor(channel, stateOf(reader));
      if (order === 'start') this.#start(channel.channelId);
      else if (order === 'drain') reader?.drain(this.#drainMs());
      else if (order === 'abandon') reader?.abandon();
    }
    this.#observer.channels?.(
      [...this.#known.values()].map((channel) => ({
        ...channel,
        reader: stateOf(this.#readers.get(channel.channelId)),
      })),
    );
  }

  #start(channelId: string): void {
    const { poll, idleCheckpointMs } = this.#options;
    const reader = new ChannelReader(channelId, {
      ...{ api: this.#api, client: this.#ref, process: this.#process, poll, idleCheckpointMs },
      assertAlive: () => this.#assertAlive(),
      onOpened: (id) => this.#observer.opened?.(id),
      onReadFailed: (id, error) => this.#observer.readFailed?.(id, error),
      onMismatch: (id) => this.#observer.mismatch?.(id),
      onPage: (id, records, caughtUp) => this.#observer.page?.(id, records, caughtUp),
      onCheckpoint: (id) => this.#observer.checkpoint?.(id),
      onSettled: (id) => this.#settled(id),
      channels: () => this.#readers.size,
    });
    this.#readers.set(channelId, reader);
  }

  /** Tells it with a heartbeat of its own, so that the next owner need not wait for the regular one. */
  #settled(channelId: string): void {
    const reader = this.#readers.get(channelId);
    if (reader?.state !== 'failed') {
      this.#wake.abort();
      return;
    }
    this.#observer.channelFailed?.(channelId, reader.failure);
    const isFinal = reader.failure instanceof ProcessFailed || reader.failure instanceof ClientLost;
    setTimeout(() => this.#wake.abort(), isFinal ? 0 : FAILED_MS).unref();
  }

  #throwFailure(): void {
    for (const { failure } of this.#readers.values()) {
      if (failure instanceof ProcessFailed || failure instanceof ClientLost) throw failure;
      if (failure !== undefined && errorEffect(failure, 'channel') === 'fatal') throw failure;
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
    return performance.now() - this.#lastBeat;
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
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
