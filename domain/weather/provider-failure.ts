/**
 * What a failed call means for a refresh. `throttled`: slow down and retry. `transient`: retry a few times. `quota`:
 * stop until the quota is renewed. `configuration`: stop until a person changes something. `place`: only this place
 * is rejected.
 */
export type FailureClass = 'throttled' | 'transient' | 'quota' | 'configuration' | 'place';

export interface ProviderFailure {
  readonly class: FailureClass;
  /** The provider's own code (`10021`), or `http-502`, `timeout`, `unreadable`, `network`. */
  readonly code: string;
  /** One sentence without the provider's key, at most 500 characters. */
  readonly reason: string;
  /** The provider asks for a pause of this many ms. */
  readonly afterMs?: number;
}

/** A call that returned no forecast for any of its places. */
export class ProviderError extends Error implements ProviderFailure {
  override readonly name = 'ProviderError';
  readonly class: FailureClass;
  readonly code: string;
  readonly reason: string;
  readonly afterMs?: number;

  constructor(failure: ProviderFailure) {
    super(failure.reason);
    this.class = failure.class;
    this.code = failure.code;
    this.reason = failure.reason;
    if (failure.afterMs !== undefined) this.afterMs = failure.afterMs;
  }
}
