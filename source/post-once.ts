import type { Dispatcher, Pool } from 'undici';

/** What a sink answered, as far as it matters; the body is let pass. */
export interface SinkAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/**
 * Posts once over a pool's kept connections; throws the signal's reason, or why there is no answer. With undici's own
 * handler for a request: its streams and promises take half as much again, for bodies that nobody reads.
 */
export function postOnce(
  pool: Pool,
  request: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
  signal: AbortSignal,
): Promise<SinkAnswer> {
  return new Promise((resolve, reject) => {
    let abort: (() => void) | undefined;
    const stop = (): void => {
      reject(signal.reason);
      abort?.();
    };
    const done = (): void => signal.removeEventListener('abort', stop);
    const handler: Dispatcher.DispatchHandlers = {
      onConnect(abortRequest) {
        abort = abortRequest;
        if (signal.aborted) abortRequest();
      },
      onHeaders(status, headers) {
        // What is said on the way (1xx) is no answer.
        if (status >= 200) {
          done();
          resolve({ status, retryAfter: headerOf(headers, 'retry-after') });
        }
        return true;
      },
      onData: () => true,
      onComplete: () => undefined,
      onError(error) {
        done();
        reject(error);
      },
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    pool.dispatch({ ...request, method: 'POST' }, handler);
  });
}

/** From names and values in turn, as they came. */
function headerOf(headers: readonly Buffer[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2)
    if (headers[index]?.length === name.length && headers[index]?.toString('latin1').toLowerCase() === name)
      return headers[index + 1]?.toString('latin1');
  return undefined;
}
