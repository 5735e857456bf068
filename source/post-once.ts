import type { Dispatcher, Pool } from 'undici';
import type { PostsUnderWay } from './posts-under-way.ts';

/** What a sink answered, as far as it matters. */
export interface SinkAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The first 200 bytes of what it said beside a status that is not 2xx; every other body is let pass. */
  said?: Buffer;
}

/** Of an answer's body. */
const SAID = 200;

/**
 * Posts once over a pool's kept connections, and is done when the answer is there as a whole, or with its status when
 * the rest does not come in time: else whoever answers without an end would hold more and more connections. Throws the
 * signal's reason, or why there is no answer. With undici's own handler for a request: its streams and promises take half
 * as much again, for bodies that nobody reads.
 */
export function postOnce(
  pool: Pool,
  request: { readonly path: string; readonly headers: string[]; readonly body: string },
  underWay: PostsUnderWay,
  signal: AbortSignal,
): Promise<SinkAnswer> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let abort: (() => void) | undefined;
    let answer: SinkAnswer | undefined;
    let over = false;
    const settle = (error: unknown): void => {
      over = true;
      if (answer === undefined) reject(error);
      else resolve(answer);
    };
    const done = underWay.begin(signal, (reason) => {
      settle(reason);
      abort?.();
    });
    const handler: Dispatcher.DispatchHandlers = {
      onConnect(abortRequest) {
        abort = abortRequest;
        if (over) abortRequest();
      },
      onHeaders(status, headers) {
        // What is said on the way (1xx) is no answer.
        if (status >= 200) answer = { status, retryAfter: headerOf(headers, 'retry-after') };
        return true;
      },
      onData(chunk) {
        if (answer !== undefined && answer.status >= 300) keep(answer, chunk);
        return true;
      },
      onComplete() {
        done();
        settle(undefined);
      },
      onError(error) {
        done();
        settle(error);
      },
    };
    pool.dispatch({ ...request, method: 'POST' }, handler);
  });
}

function keep(answer: SinkAnswer, chunk: Buffer): void {
  const before = answer.said ?? Buffer.alloc(0);
  if (before.length < SAID) answer.said = Buffer.concat([before, chunk]).subarray(0, SAID);
}

/** From names and values in turn, as they came. */
function headerOf(headers: readonly Buffer[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2)
    if (headers[index]?.length === name.length && headers[index]?.toString('latin1').toLowerCase() === name)
      return headers[index + 1]?.toString('latin1');
  return undefined;
}
