/**
 * The three kinds of error and their consequences. `InvalidInput` is never retried. `Unavailable` is retried, after the
 * delay that the unavailable service asked for. Any other error is a bug in Sluice, and is also retried.
 */

/** The input is wrong, or access to it is denied: a retry cannot help. `type` is a stable class such as `NotAZip`. */
export class InvalidInput extends Error {
  readonly type: string;

  constructor(type: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidInput';
    this.type = type;
  }
}

/** A service is unavailable: a retry may succeed. `afterMs` is the delay that the service asked for. */
export class Unavailable extends Error {
  readonly type: string;
  readonly afterMs: number | undefined;

  constructor(type: string, message: string, options?: ErrorOptions & { afterMs?: number | undefined }) {
    super(message, options);
    this.name = 'Unavailable';
    this.type = type;
    this.afterMs = options?.afterMs;
  }
}

/** What an error means for retries. `afterMs` is the delay that the other side asked for. */
export interface ErrorClassification {
  readonly kind: 'input' | 'unavailable' | 'bug';
  readonly type: string;
  readonly retry: boolean;
  readonly afterMs?: number;
}

/** True if the machine has too little memory for a buffer. */
export const isNoMemory = (error: unknown): boolean =>
  error instanceof RangeError && error.message === 'Array buffer allocation failed';

/** The only mapping from errors to their consequences. */
export function classifyError(error: unknown): ErrorClassification {
  if (error instanceof InvalidInput) {
    return { kind: 'input', type: error.type, retry: false };
  }
  if (error instanceof Unavailable) {
    const wait = error.afterMs === undefined ? {} : { afterMs: error.afterMs };
    return { kind: 'unavailable', type: error.type, retry: true, ...wait };
  }
  if (isNoMemory(error)) return { kind: 'unavailable', type: 'NoMemory', retry: true };
  return { kind: 'bug', type: 'Bug', retry: true };
}

/** Returns the message of anything thrown, shortened to `limit` characters. */
export function messageOf(error: unknown, limit = 500): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
