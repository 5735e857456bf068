import { OtsError } from '../errors.ts';
import type { Checkpoint, ClientRef, TunnelApi } from './tunnel-api.ts';

/** So often a number is asked for anew: then something else is wrong. */
const MAX_MISMATCHES = 5;

/** Moves a channel's checkpoint, and never that of a channel that another client has. */
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
      /** Throws when the channel may be another's: no try is made then, not even of a call that was begun before. */
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

  /** The token that is stored. */
  get token(): string {
    return this.#current.token;
  }

  /**
   * Stores a token. An answer that was lost may have been a yes: the service then knows another sequence number than we
   * do, and what it has stored tells whether it was our own call or another client's.
   * @throws OtsError OTSResourceGone when it was another client's
   */
  async move(token: string, signal: AbortSignal): Promise<void> {
    for (let tries = 0; token !== this.#current.token; tries++) {
      const next = { token, sequence: this.#current.sequence + 1n };
      try {
        const options = { signal, before: this.#assertAlive };
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

  /** What is stored, if it is what we want or what we have stored before. */
  async #readStored(wanted: string, signal: AbortSignal): Promise<Checkpoint> {
    const stored = await this.#api.getCheckpoint(this.#client, this.#channelId, signal);
    if (stored.token === wanted || stored.token === this.#current.token) return stored;
    throw new OtsError('OTSResourceGone', `channel ${this.#channelId} was moved on by another client`, {
      status: 410,
    });
  }
}
