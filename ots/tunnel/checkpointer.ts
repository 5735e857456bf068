import { OtsError } from '../errors.ts';
import type { Checkpoint, ClientRef, TunnelApi } from './tunnel-api.ts';

/** After this many consecutive mismatches, a lost answer cannot be the cause, and the call fails. */
const MAX_MISMATCHES = 5;

/** Moves a channel's checkpoint, but never the checkpoint of a channel that belongs to another client. */
export class Checkpointer {
  readonly #api: TunnelApi;
  readonly #client: ClientRef;
  readonly #channelId: string;
  readonly #assertAlive: () => void;
  readonly #onMismatch: () => void;
  #current: Checkpoint;

  constructor(
    api: TunnelApi,
    client: ClientRef,
    channelId: string,
    {
      at,
      assertAlive,
      onMismatch,
    }: {
      readonly at: Checkpoint;
      /** Throws if the channel may belong to another client. Called before each attempt, also before retries. */
      readonly assertAlive: () => void;
      readonly onMismatch: () => void;
    },
  ) {
    this.#api = api;
    this.#client = client;
    this.#channelId = channelId;
    this.#current = at;
    this.#assertAlive = assertAlive;
    this.#onMismatch = onMismatch;
  }

  /** The stored token. */
  get token(): string {
    return this.#current.token;
  }

  /**
   * Stores a token. If an answer was lost, the call may have succeeded: the service then has another sequence number
   * than this client. The stored token shows whether that number comes from this client's call or from another
   * client.
   * @throws OtsError OTSResourceGone if the number comes from another client
   */
  async move(token: string, signal: AbortSignal): Promise<void> {
    for (let tries = 0; token !== this.#current.token; tries++) {
      const next = { token, sequence: this.#current.sequence + 1n };
      try {
        const options = { signal, beforeAttempt: this.#assertAlive };
        await this.#api.checkpoint(this.#client, this.#channelId, next, options);
        this.#current = next;
      } catch (error) {
        const isMismatch = error instanceof OtsError && error.code === 'OTSSequenceNumberNotMatch';
        if (!isMismatch || tries === MAX_MISMATCHES) throw error;
        this.#onMismatch();
        this.#current = await this.#readStored(token, signal);
      }
    }
  }

  /** Returns the stored checkpoint if this client stored it. */
  async #readStored(token: string, signal: AbortSignal): Promise<Checkpoint> {
    const stored = await this.#api.getCheckpoint(this.#client, this.#channelId, signal);
    if (stored.token === token || stored.token === this.#current.token) return stored;
    throw new OtsError(
      'OTSResourceGone',
      `another client moved the checkpoint of channel ${this.#channelId}`,
      {
        status: 410,
      },
    );
  }
}
