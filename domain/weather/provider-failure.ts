/**
 * What a provider's refusal means for a refresh. `throttled`: slower, then again. `transient`: again, a few times.
 * `quota`: nothing more until it is renewed. `configuration`: nothing more until a person has changed something.
 * `place`: this place is refused, others are not.
 */
export type FailureClass = 'throttled' | 'transient' | 'quota' | 'configuration' | 'place';

export interface ProviderFailure {
  readonly class: FailureClass;
  /** The provider's own code (`10021`), or `http-502`, `timeout`, `unreadable`, `network`. */
  readonly code: string;
  /** One sentence without the provider's key, at most 500 characters. */
  readonly reason: string;
  /** The provider asks not to come before so many ms. */
  readonly afterMs?: number;
}

/** A call that gave no forecast for any of its places. */
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
