import { Client, type Dispatcher } from 'undici';
import { type ListItem, UnorderedList } from './unordered-list.ts';

/** A sink's answer. */
export interface SinkAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The first 200 bytes of the body if the status is not 2xx. Other bodies are discarded. */
  errorBody?: Buffer;
}

/** A POST request. `headers` has names and values alternately. */
interface PostRequest {
  readonly path: string;
  readonly headers: string[];
  readonly body: string;
}

/** The maximum length of `errorBody`. */
const MAX_ERROR_BODY_BYTES = 200;

/** Converts an answer, or a missing answer, to a result. */
export interface AnswerReader<T> {
  readAnswer(answer: SinkAnswer): T;
  readFailure(error: unknown): T;
}

/**
 * Posts once over a keep-alive connection. The promise resolves when the answer is complete. It also resolves with
 * the status if the body is not complete at the deadline. Otherwise, endless bodies would occupy more and more
 * connections. Rejects only with the signal's reason. Uses undici's low-level request handler: undici's streams and
 * promises take 50 % more CPU time, and the source does not need the bodies.
 */
export function postToSink<T>(
  connections: ConnectionPool,
  request: PostRequest,
  inFlight: InFlightPosts,
  signal: AbortSignal,
  reader: AnswerReader<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const connection = connections.acquire();
    const post = new PostHandler({ resolve, reject, reader, connections, connection, inFlight, signal });
    const { path, headers, body } = request;
    connection.dispatch({ path, method: 'POST', headers, body }, post);
  });
}

interface PostParts<T> {
  readonly resolve: (outcome: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly reader: AnswerReader<T>;
  readonly connections: ConnectionPool;
  readonly connection: Client;
  readonly inFlight: InFlightPosts;
  readonly signal: AbortSignal;
}

/** This is a class because creating callback functions for every event would take several times as much CPU time. */
class PostHandler<T> implements InFlightPost, Dispatcher.DispatchHandlers {
  readonly signal: AbortSignal;
  readonly beganAt = performance.now();
  readonly #parts: PostParts<T>;
  readonly #listItem: ListItem<InFlightPost>;
  #answer: SinkAnswer | undefined;
  #abort: (() => void) | undefined;
  #settled = false;

  constructor(parts: PostParts<T>) {
    this.signal = parts.signal;
    this.#parts = parts;
    this.#listItem = parts.inFlight.add(this);
  }

  /** Ends the post early. If undici calls a callback later, the callback affects only the connection. */
  end(reason: unknown): void {
    this.#settle(reason);
    this.#abort?.();
  }

  onConnect(abort: () => void): void {
    this.#abort = abort;
    if (this.#settled) abort();
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    // 1xx is not the final answer.
    if (status >= 200) this.#answer = { status, retryAfter: findHeader(headers, 'retry-after') };
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#answer !== undefined && this.#answer.status >= 300) appendErrorBody(this.#answer, chunk);
    return true;
  }

  onComplete(): void {
    this.#parts.connections.release(this.#parts.connection);
    this.#settle(undefined);
  }

  onError(error: Error): void {
    this.#parts.connections.discard(this.#parts.connection);
    this.#settle(error);
  }

  #settle(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    const { inFlight, reader, resolve, reject } = this.#parts;
    inFlight.remove(this.#listItem);
    if (this.#answer !== undefined) resolve(reader.readAnswer(this.#answer));
    else if (this.signal.aborted) reject(this.signal.reason);
    else resolve(reader.readFailure(error));
  }
}

function appendErrorBody(answer: SinkAnswer, chunk: Buffer): void {
  const before = answer.errorBody ?? Buffer.alloc(0);
  if (before.length < MAX_ERROR_BODY_BYTES)
    answer.errorBody = Buffer.concat([before, chunk]).subarray(0, MAX_ERROR_BODY_BYTES);
}

/** Finds a header in raw headers, which have names and values alternately. */
function findHeader(headers: readonly Buffer[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2)
    if (headers[index]?.length === name.length && headers[index]?.toString('latin1').toLowerCase() === name)
      return headers[index + 1]?.toString('latin1');
  return undefined;
}

/**
 * Keep-alive connections to one origin, each for one request at a time. Their number is the highest number of
 * concurrent requests so far. undici's Pool is slower. It searches its connections for each request, and handles an
 * event each time a connection becomes free.
 */
export class ConnectionPool {
  readonly #origin: string;
  readonly #options: Client.Options;
  /** Last in, first out: connections that are not needed stay idle until their keep-alive timeout. */
  readonly #free: Client[] = [];

  constructor(origin: string, options: Client.Options) {
    this.#origin = origin;
    this.#options = options;
  }

  acquire(): Client {
    return this.#free.pop() ?? new Client(this.#origin, this.#options);
  }

  /** Returns a connection whose request has a complete answer. */
  release(connection: Client): void {
    this.#free.push(connection);
  }

  /**
   * Closes a connection whose request failed. undici cannot always reuse such a connection, for example after an
   * invalid certificate.
   */
  discard(connection: Client): void {
    connection.destroy().catch(() => undefined);
  }
}

/** How long after its deadline a post may end, as a fraction of the timeout. */
const TIMEOUT_TOLERANCE = 1 / 8;

/** A post in flight that can be ended early. */
interface InFlightPost {
  /** Time of `performance.now()`. */
  readonly beganAt: number;
  readonly signal: AbortSignal;
  end(reason: unknown): void;
}

/**
 * Ends posts when their signal is aborted or when they take too long. All posts of a signal share one listener, and all
 * posts share one timer. A listener and a timer for each post would cost half as much CPU time as the post itself.
 */
export class InFlightPosts {
  readonly #timeoutMs: number;
  readonly #posts = new UnorderedList<InFlightPost>();
  readonly #watchedSignals = new WeakSet<AbortSignal>();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Ends the post at its signal or deadline, unless `remove` is called before. */
  add(post: InFlightPost): ListItem<InFlightPost> {
    const { signal } = post;
    if (!this.#watchedSignals.has(signal)) {
      this.#watchedSignals.add(signal);
      signal.addEventListener('abort', () => this.#endPostsOf(signal), { once: true });
    }
    this.#timer ??= setTimeout(() => this.#endLatePosts(), this.#timeoutMs * TIMEOUT_TOLERANCE);
    return this.#posts.add(post);
  }

  remove(post: ListItem<InFlightPost>): void {
    this.#posts.remove(post);
  }

  #endPostsOf(signal: AbortSignal): void {
    for (const post of this.#posts.values()) if (post.signal === signal) post.end(signal.reason);
  }

  #endLatePosts(): void {
    const latestBegin = performance.now() - this.#timeoutMs;
    const timeoutError = new Error(`no complete answer within ${this.#timeoutMs} ms`);
    for (const post of this.#posts.values()) if (post.beganAt <= latestBegin) post.end(timeoutError);
    const hasPosts = this.#posts.size > 0;
    this.#timer = hasPosts
      ? setTimeout(() => this.#endLatePosts(), this.#timeoutMs * TIMEOUT_TOLERANCE)
      : undefined;
  }
}
