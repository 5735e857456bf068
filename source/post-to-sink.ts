import { Client, type Dispatcher } from 'undici';
import { type ListItem, UnorderedList } from './unordered-list.ts';

/** What a sink answered, as far as it matters. */
export interface SinkAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The first 200 bytes of what it said beside a status that is not 2xx; every other body is let pass. */
  errorBody?: Buffer;
}

/** What is posted; headers as names and values in turn. */
interface PostRequest {
  readonly path: string;
  readonly headers: string[];
  readonly body: string;
}

/** Of an answer's body. */
const MAX_ERROR_BODY_BYTES = 200;

/** What an answer means, or that there is none. */
export interface AnswerReader<T> {
  readAnswer(answer: SinkAnswer): T;
  readFailure(error: unknown): T;
}

/**
 * Posts once over a kept connection, and is done when the answer is there as a whole, or with its status when the rest
 * does not come in time: else whoever answers without an end would hold more and more connections. Throws only the
 * signal's reason. With undici's own handler for a request: its streams and promises take half as much
 * again, for bodies that nobody reads.
 */
export function postToSink<T>(
  connections: ConnectionPool,
  request: PostRequest,
  underWay: InFlightPosts,
  signal: AbortSignal,
  meaning: AnswerReader<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const connection = connections.acquire();
    const post = new PostHandler({ resolve, reject, meaning, connections, connection, underWay, signal });
    const { path, headers, body } = request;
    connection.dispatch({ path, method: 'POST', headers, body }, post);
  });
}

interface PostParts<T> {
  readonly resolve: (outcome: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly meaning: AnswerReader<T>;
  readonly connections: ConnectionPool;
  readonly connection: Client;
  readonly underWay: InFlightPosts;
  readonly signal: AbortSignal;
}

/** A class, since one is made for each of very many events: functions made for each cost several times as much. */
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
    this.#listItem = parts.underWay.add(this);
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
    const { underWay, meaning, resolve, reject } = this.#parts;
    underWay.remove(this.#listItem);
    if (this.#answer !== undefined) resolve(meaning.readAnswer(this.#answer));
    else if (this.signal.aborted) reject(this.signal.reason);
    else resolve(meaning.readFailure(error));
  }
}

function appendErrorBody(answer: SinkAnswer, chunk: Buffer): void {
  const before = answer.errorBody ?? Buffer.alloc(0);
  if (before.length < MAX_ERROR_BODY_BYTES)
    answer.errorBody = Buffer.concat([before, chunk]).subarray(0, MAX_ERROR_BODY_BYTES);
}

/** From names and values in turn, as they came. */
function findHeader(headers: readonly Buffer[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2)
    if (headers[index]?.length === name.length && headers[index]?.toString('latin1').toLowerCase() === name)
      return headers[index + 1]?.toString('latin1');
  return undefined;
}

/**
 * Kept connections to one origin, each for one request at a time; as many as requests have been under way at once. Not
 * undici's Pool: that looks through its connections for each request, and is told of each that is free again.
 */
export class ConnectionPool {
  readonly #origin: string;
  readonly #options: Client.Options;
  /** What was used last is used next: what is not needed ends by its keep-alive time. */
  readonly #free: Client[] = [];

  constructor(origin: string, options: Client.Options) {
    this.#origin = origin;
    this.#options = options;
  }

  acquire(): Client {
    return this.#free.pop() ?? new Client(this.#origin, this.#options);
  }

  /** Its request was answered as a whole. */
  release(connection: Client): void {
    this.#free.push(connection);
  }

  /** Its request failed: undici would not always use it again, as after a certificate for another name. */
  discard(connection: Client): void {
    connection.destroy().catch(() => undefined);
  }
}

/** How much later than at its deadline a post may be ended, as a part of the deadline. */
const DEADLINE_TOLERANCE = 1 / 8;

/** A post, as far as it can be ended. */
interface InFlightPost {
  /** By `performance.now()`. */
  readonly beganAt: number;
  readonly signal: AbortSignal;
  end(reason: unknown): void;
}

/**
 * Posts that are under way, so that they end with their signal, or when they take too long. One listener for all of a
 * signal and one timer for all of them: each post's own would cost as much as half of the post.
 */
export class InFlightPosts {
  readonly #deadlineMs: number;
  readonly #posts = new UnorderedList<InFlightPost>();
  readonly #watchedSignals = new WeakSet<AbortSignal>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** The post is ended unless `over` was called with the answer before. */
  add(post: InFlightPost): ListItem<InFlightPost> {
    const { signal } = post;
    if (!this.#watchedSignals.has(signal)) {
      this.#watchedSignals.add(signal);
      signal.addEventListener('abort', () => this.#endPostsOf(signal), { once: true });
    }
    this.#timer ??= setTimeout(() => this.#endLate(), this.#deadlineMs * DEADLINE_TOLERANCE);
    return this.#posts.add(post);
  }

  remove(post: ListItem<InFlightPost>): void {
    this.#posts.remove(post);
  }

  #endPostsOf(signal: AbortSignal): void {
    for (const post of this.#posts.values()) if (post.signal === signal) post.end(signal.reason);
  }

  #endLate(): void {
    const latest = performance.now() - this.#deadlineMs;
    const late = new Error(`no whole answer within ${this.#deadlineMs} ms`);
    for (const post of this.#posts.values()) if (post.beganAt <= latest) post.end(late);
    const more = this.#posts.size > 0;
    this.#timer = more ? setTimeout(() => this.#endLate(), this.#deadlineMs * DEADLINE_TOLERANCE) : undefined;
  }
}
