import type { Client, Dispatcher } from 'undici';
import type { Held } from './bag.ts';
import type { Connections } from './connections.ts';
import type { PostsUnderWay, UnderWay } from './posts-under-way.ts';

/** What a sink answered, as far as it matters. */
export interface SinkAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The first 200 bytes of what it said beside a status that is not 2xx; every other body is let pass. */
  said?: Buffer;
}

/** What is posted; headers as names and values in turn. */
export interface SinkRequest {
  readonly path: string;
  readonly headers: string[];
  readonly body: string;
}

/** Of an answer's body. */
const SAID = 200;

/** What an answer means, or that there is none. */
export interface Meaning<T> {
  of(answer: SinkAnswer): T;
  ofNone(error: unknown): T;
}

/**
 * Posts once over a kept connection, and is done when the answer is there as a whole, or with its status when the rest
 * does not come in time: else whoever answers without an end would hold more and more connections. Throws only the
 * signal's reason. With undici's own handler for a request: its streams and promises take half as much
 * again, for bodies that nobody reads.
 */
export function postOnce<T>(
  connections: Connections,
  request: SinkRequest,
  underWay: PostsUnderWay,
  signal: AbortSignal,
  meaning: Meaning<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const connection = connections.take();
    const post = new Post({ resolve, reject, meaning, connections, connection, underWay, signal });
    const { path, headers, body } = request;
    connection.dispatch({ path, method: 'POST', headers, body }, post);
  });
}

interface PostParts<T> {
  readonly resolve: (outcome: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly meaning: Meaning<T>;
  readonly connections: Connections;
  readonly connection: Client;
  readonly underWay: PostsUnderWay;
  readonly signal: AbortSignal;
}

/** A class, since one is made for each of very many events: functions made for each cost several times as much. */
class Post<T> implements UnderWay, Dispatcher.DispatchHandlers {
  readonly signal: AbortSignal;
  readonly beganAt = performance.now();
  readonly #parts: PostParts<T>;
  readonly #place: Held<UnderWay>;
  #answer: SinkAnswer | undefined;
  #abort: (() => void) | undefined;
  #settled = false;

  constructor(parts: PostParts<T>) {
    this.signal = parts.signal;
    this.#parts = parts;
    this.#place = parts.underWay.begin(this);
  }

  /** Ends it before its time; what undici says of it later is about the connection only. */
  end(reason: unknown): void {
    this.#settle(reason);
    this.#abort?.();
  }

  onConnect(abort: () => void): void {
    this.#abort = abort;
    if (this.#settled) abort();
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    // What is said on the way (1xx) is no answer.
    if (status >= 200) this.#answer = { status, retryAfter: headerOf(headers, 'retry-after') };
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#answer !== undefined && this.#answer.status >= 300) keep(this.#answer, chunk);
    return true;
  }

  onComplete(): void {
    this.#parts.connections.give(this.#parts.connection);
    this.#settle(undefined);
  }

  onError(error: Error): void {
    this.#parts.connections.drop(this.#parts.connection);
    this.#settle(error);
  }

  #settle(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    const { underWay, meaning, resolve, reject } = this.#parts;
    underWay.over(this.#place);
    if (this.#answer !== undefined) resolve(meaning.of(this.#answer));
    else if (this.signal.aborted) reject(this.signal.reason);
    else resolve(meaning.ofNone(error));
  }
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
