import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff, type BackoffPolicy } from '../../domain/backoff.ts';
import { WireError } from '../errors.ts';
import { FINISHED_TOKEN } from '../wire/tunnel-token.ts';
import type { ReaderState } from './channel-states.ts';
import { Checkpointer } from './checkpointer.ts';
import type { ChannelPage, ClientRef, TunnelApi } from './tunnel-api.ts';
import type { TunnelRecords } from './tunnel-record.ts';

/** Records of one channel, in order. */
export interface RecordBatch {
  readonly channelId: string;
  readonly records: TunnelRecords;
}

/**
 * Processes a batch. Resolves when every record is accepted. The checkpoint moves only after that. The signal is
 * aborted when the channel no longer belongs to this client. An exception stops the whole client.
 */
export type ProcessBatch = (batch: RecordBatch, signal: AbortSignal) => Promise<void>;

/** Wraps an exception of `ProcessBatch`. */
export class ProcessingFailed extends Error {
  override readonly name = 'ProcessingFailed';
}

export interface ChannelReaderDeps {
  readonly api: TunnelApi;
  readonly client: ClientRef;
  readonly process: ProcessBatch;
  /** The pause after a read without records. The longest pause is also the longest delay of a change. */
  readonly poll: BackoffPolicy;
  /**
   * The interval, in ms, at which the checkpoint of an idle channel is stored. Otherwise the checkpoint would expire.
   */
  readonly idleCheckpointMs: number;
  /** Throws if the last heartbeat is so old that the channels may belong to another client. */
  readonly assertAlive: () => void;
  readonly onOpened?: (channelId: string) => void;
  readonly onMismatch?: (channelId: string) => void;
  /** Called when an attempt to read a page fails and another one follows. */
  readonly onReadFailed?: (channelId: string, error: unknown) => void;
  readonly onPage?: (channelId: string, records: number, caughtUp: boolean) => void;
  readonly onCheckpoint?: (channelId: string) => void;
  /** Called once, when the reader has ended in any state. */
  readonly onSettled: (channelId: string) => void;
  /** How many channels the client has. They share the read-ahead limit. */
  readonly channelCount: () => number;
}

/**
 * Upper bound for all pages that were read ahead, in bytes. A reader only estimates their sum. It assumes that the
 * pages of other channels are as large as its own.
 */
const MAX_READ_AHEAD_BYTES = 32 * 1024 * 1024;

/**
 * Reads one channel. It reads one page ahead unless pages are large. It processes one batch at a time, and stores the
 * checkpoint before the next one.
 */
export class ChannelReader {
  readonly channelId: string;
  readonly settled: Promise<void>;
  readonly #deps: ChannelReaderDeps;
  readonly #reading = new AbortController();
  readonly #working = new AbortController();
  #state: ReaderState = 'reading';
  #failure: unknown;

  constructor(channelId: string, deps: ChannelReaderDeps) {
    this.channelId = channelId;
    this.#deps = deps;
    this.settled = this.#run();
  }

  get state(): ReaderState {
    return this.#state;
  }

  /** The error if the state is `failed`. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Stops reading, finishes the batch in flight and stores the checkpoint. Aborts the batch after `graceMs`. */
  drain(graceMs: number): void {
    if (this.#reading.signal.aborted) return;
    this.#reading.abort();
    const abortTimer = setTimeout(() => this.#working.abort(), graceMs);
    void this.settled.then(() => clearTimeout(abortTimer));
  }

  /** Stops at once without a checkpoint, because the channel may belong to another client. */
  abandon(): void {
    this.#reading.abort();
    this.#working.abort();
  }

  async #run(): Promise<void> {
    try {
      this.#state = (await this.#readAll()) ? 'finished' : 'stopped';
    } catch (error) {
      const wasStopped = this.#working.signal.aborted || this.#reading.signal.aborted;
      this.#state = wasStopped ? 'stopped' : 'failed';
      if (!wasStopped) this.#failure = error;
    }
    this.#deps.onSettled(this.channelId);
  }

  /** Returns true if the channel has no more records, false if it was stopped. */
  async #readAll(): Promise<boolean> {
    const { api, client, idleCheckpointMs, onPage } = this.#deps;
    const stored = await api.getCheckpoint(client, this.channelId, this.#working.signal);
    const checkpointer = new Checkpointer(api, client, this.channelId, {
      ...{ at: stored, assertAlive: this.#deps.assertAlive },
      onMismatch: () => this.#deps.onMismatch?.(this.channelId),
    });
    this.#deps.onOpened?.(this.channelId);
    const pause = new Backoff(this.#deps.poll);
    let { token } = stored;
    let storedAt = performance.now();
    let pageAhead: Promise<ChannelPage> | undefined;
    while (token !== FINISHED_TOKEN) {
      const page = await this.#unlessStopped(pageAhead ?? this.#read(token));
      if (page === undefined) break;
      token = page.nextToken;
      const count = page.records.length;
      const hasMore = page.hasMore ?? count > 0;
      onPage?.(this.channelId, count, !hasMore);
      const continuesAtOnce = hasMore && count > 0 && token !== FINISHED_TOKEN;
      const readsAhead =
        continuesAtOnce && page.records.bytes * this.#deps.channelCount() <= MAX_READ_AHEAD_BYTES;
      pageAhead = readsAhead ? this.#read(token) : undefined;
      if (count > 0) await this.#process(page);
      if (count > 0 || token === FINISHED_TOKEN || performance.now() - storedAt > idleCheckpointMs) {
        await this.#checkpoint(checkpointer, token);
        storedAt = performance.now();
      }
      if (count > 0) pause.reset();
      if (!continuesAtOnce && token !== FINISHED_TOKEN) await this.#pause(pause.next());
      if (this.#reading.signal.aborted) break;
    }
    if (token === FINISHED_TOKEN) return true;
    await this.#checkpoint(checkpointer, token);
    return false;
  }

  #read(token: string): Promise<ChannelPage> {
    const { api, client, onReadFailed } = this.#deps;
    const page = api.readRecords(client, this.channelId, token, {
      ...{
        signal: this.#reading.signal,
        beforeRetry: (error: unknown) => onReadFailed?.(this.channelId, error),
      },
    });
    // A page that is read ahead may fail long before it is awaited. This handler prevents an unhandled rejection.
    page.catch(() => undefined);
    return page;
  }

  async #unlessStopped(page: Promise<ChannelPage>): Promise<ChannelPage | undefined> {
    try {
      return await page;
    } catch (error) {
      if (this.#reading.signal.aborted) return undefined;
      throw error;
    }
  }

  async #process({ records }: ChannelPage): Promise<void> {
    this.#deps.assertAlive();
    try {
      await this.#deps.process({ channelId: this.channelId, records }, this.#working.signal);
    } catch (error) {
      this.#working.signal.throwIfAborted();
      // A record that cannot be decoded fails only its channel. An answer that cannot be decoded has the same effect.
      if (error instanceof WireError) throw error;
      throw new ProcessingFailed(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  async #checkpoint(checkpointer: Checkpointer, token: string): Promise<void> {
    this.#working.signal.throwIfAborted();
    await checkpointer.move(token, this.#working.signal);
    this.#deps.onCheckpoint?.(this.channelId);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#reading.signal }).catch(() => undefined);
  }
}
