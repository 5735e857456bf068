import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Limits of what the clients of one server can keep in the server's memory: connections and requests. */
export interface ConnectionLimits {
  /**
   * Open connections. If there is one more, the connection that has gone longest without a whole request is closed. A
   * connection whose whole request is still being handled stays open.
   */
  readonly connections: number;
  /** Unanswered requests of one connection. Real clients that pipeline requests send fewer. */
  readonly pipelined: number;
  /** Requests of all connections that wait behind another request of their connection. */
  readonly waiting: number;
  /**
   * Bytes of the heads of requests that have no answer yet. If there are more, the connection that has gone longest
   * without a whole request is closed. On the heap, a head takes about twice its size.
   */
  readonly headBytes: number;
  /**
   * If at most this many connections are open when a connection is opened, its received bytes are not counted. Counting
   * takes processor time, and few connections cannot use much memory, because Node.js allows 16 KiB for a head.
   */
  readonly uncounted: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  ...{ connections: 1_000, pipelined: 32, waiting: 512, headBytes: 2 * 1024 * 1024, uncounted: 128 },
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Connection {
  /** The request that is being answered, and those that wait behind it. */
  readonly exchanges: Exchange[];
  /** The requests over the limit. Node.js keeps them in memory until the connection is closed. */
  dropped: number;
  /** The counted bytes of the heads of its requests that have no answer yet. */
  headBytes: number;
  /** The request whose head was parsed last. */
  latest?: IncomingMessage;
}

const REFUSAL = JSON.stringify({ error: 'too many unanswered requests on one connection' });
const REFUSAL_HEADERS = {
  ...{ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(REFUSAL) },
  ...{ 'Retry-After': '1', Connection: 'close' },
};

/**
 * Returns a function that calls `start` in a later turn of the event loop, one call in each turn. Node.js may accept
 * only one new connection in each turn, so long turns would delay other clients.
 */
function createTurns(): (start: () => void) => void {
  const queue: (() => void)[] = [];
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled || queue.length === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      queue.shift()?.();
      schedule();
    });
  };
  return (start) => {
    queue.push(start);
    schedule();
  };
}

/** How long a client with too many requests may take to read its answers. */
const LAST_ANSWERS_MS = 5_000;

/**
 * Applies the limits to the requests and connections of a server. The requests of one connection reach `handler` one
 * after the other, because their answers have this order anyway. So each connection makes the server work on one
 * request at a time.
 */
export function limitConnections(handler: RequestListener, limits: ConnectionLimits) {
  const startLater = createTurns();
  /** All open connections, in the order of their last whole request. */
  const connections = new Map<Socket, Connection>();
  let waiting = 0;
  let headBytes = 0;

  const countHead = (connection: Connection, bytes: number): void => {
    connection.headBytes += bytes;
    headBytes += bytes;
  };
  const forget = (socket: Socket): void => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    connections.delete(socket);
    waiting -= Math.max(0, connection.exchanges.length - 1) + connection.dropped;
    countHead(connection, -connection.headBytes);
  };
  const destroy = (socket: Socket): void => {
    forget(socket);
    socket.destroy();
  };
  const startFirst = (socket: Socket, connection: Connection): void => {
    const [first] = connection.exchanges;
    if (first === undefined || socket.destroyed) return;
    first.response.once('close', () => {
      if (connections.get(socket) !== connection) return;
      connection.exchanges.shift();
      if (connection.exchanges.length > 0) waiting--;
      else countHead(connection, -connection.headBytes);
      if (first.request.complete) {
        connections.delete(socket);
        connections.set(socket, connection);
      }
      if (connection.exchanges.length > 0) startLater(() => startFirst(socket, connection));
    });
    handler(first.request, first.response);
  };

  // A client that does not read its answer must not keep its connection.
  const isIdle = ({ exchanges: [first] }: Connection): boolean =>
    first?.request.complete !== true || first.response.writableEnded;
  /** Destroys the first connection that is idle and fulfils the condition. If there is none, destroys `otherwise`. */
  const destroyOldest = (condition: (connection: Connection) => boolean, otherwise: Socket): void => {
    for (const [socket, connection] of connections)
      if (isIdle(connection) && condition(connection)) {
        destroy(socket);
        return;
      }
    destroy(otherwise);
  };

  return {
    onConnection(socket: Socket): void {
      const connection: Connection = { exchanges: [], dropped: 0, headBytes: 0 };
      connections.set(socket, connection);
      socket.once('close', () => forget(socket));
      parseInSlices(socket, () => {
        if (connection.dropped > 0 || !connections.has(socket)) return 0;
        return connection.exchanges.at(-1)?.request.complete === false ? BODY_SLICE_BYTES : SLICE_BYTES;
      });
      const isCounted = connections.size > limits.uncounted;
      // Because of this listener, Node.js parses the slices that `push` gets. Without a listener for `data`, it would
      // parse the bytes from the operating system directly.
      socket.on('data', (bytes: Buffer) => {
        // Node.js has parsed these bytes already. If they were the end of a head, there is an exchange now.
        if (!isCounted || connection.exchanges.length > 0 || !connections.has(socket)) return;
        // These are bytes of a body whose request has been answered.
        if (connection.latest?.complete === false) return;
        countHead(connection, bytes.length);
        if (headBytes > limits.headBytes) destroyOldest((other) => other.headBytes > 0, socket);
      });
      if (connections.size > limits.connections) destroyOldest(() => true, socket);
    },
    onRequest(request: IncomingMessage, response: ServerResponse): void {
      const { socket } = request;
      const connection = connections.get(socket);
      // After a connection was destroyed, Node.js still parses the bytes that have arrived.
      if (connection === undefined) {
        ignore(request);
        return;
      }
      connection.latest = request;
      const { exchanges } = connection;
      if (exchanges.length > 0 || connection.dropped > 0) {
        const bytes = headBytesOf(request);
        if (waiting >= limits.waiting || headBytes + bytes > limits.headBytes) {
          ignore(request);
          destroy(socket);
          return;
        }
        waiting++;
        countHead(connection, bytes);
      }
      if (exchanges.length < limits.pipelined && connection.dropped === 0) {
        exchanges.push({ request, response });
        if (exchanges.length === 1) startFirst(socket, connection);
        return;
      }
      ignore(request);
      connection.dropped++;
      if (connection.dropped > 1) return;
      socket.pause();
      // Node.js sends this answer after those of the requests before, and then closes the connection.
      response.writeHead(503, REFUSAL_HEADERS).end(REFUSAL);
      const timer = setTimeout(() => socket.resetAndDestroy(), LAST_ANSWERS_MS);
      socket.once('close', () => clearTimeout(timer));
    },
  };
}

/**
 * The size of a slice. Node.js reads up to 64 KiB at once. These bytes can hold 1,600 requests, and each request takes
 * 5 KiB of the heap.
 */
const SLICE_BYTES = 1_024;
/** The size of a slice in a body. It is larger, because only few requests can follow a body in the same slice. */
const BODY_SLICE_BYTES = 4 * 1_024;

/**
 * Makes Node.js parse the bytes of a connection in slices. `sliceBytes` returns the size of the next slice; 0 if no
 * more bytes are accepted.
 */
function parseInSlices(socket: Socket, sliceBytes: () => number): void {
  const push = socket.push.bind(socket);
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null || chunk.length <= SLICE_BYTES) return push(chunk, encoding);
    let wantsMore = true;
    for (let at = 0; at < chunk.length; ) {
      const bytes = sliceBytes();
      if (bytes === 0) return false;
      wantsMore = push(chunk.subarray(at, at + bytes));
      at += bytes;
    }
    return wantsMore;
  };
}

/**
 * Marks a request that gets no answer. When a connection ends, Node.js destroys each of its requests with an error of
 * its own. For thousands of pipelined requests, the stack traces of these errors would block the process for seconds.
 */
function ignore(request: IncomingMessage): void {
  request.destroy = () => request;
}

/** The characters of the request line and the headers, which Node.js holds as texts. */
const headBytesOf = ({ url = '', rawHeaders }: IncomingMessage): number =>
  rawHeaders.reduce((total, { length }) => total + length, url.length);
