import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CONNECTION_LIMITS, type ConnectionLimits, limitConnections } from './connection-limits.ts';

export interface Listener {
  /** The port on which the server listens, also if port 0 was requested. */
  readonly port: number;
  /** Accepts no new connections, waits up to `graceMs` for open requests, then closes all connections. */
  close(graceMs?: number): Promise<void>;
}

/** Thrown if the port is in use. The message says what to do. */
export class PortTaken extends Error {
  constructor(host: string, port: number, cause: unknown) {
    super(
      `port ${port} on ${host} is in use by another program; stop it, or choose other ports with SLUICE_PORT_OFFSET`,
      { cause },
    );
    this.name = 'PortTaken';
  }
}

/** Returns the addresses to bind. `loopback` means 127.0.0.1 and, if the machine has it, ::1. */
function addressesOf(host: string): string[] {
  if (host !== 'loopback') return [host];
  const hasV6 = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  );
  return hasV6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly options?: ServerOptions;
  /**
   * A client that asks before it sends a larger body (`Expect: 100-continue`) gets the handler's answer at once. The
   * handler must answer without the body.
   */
  readonly maxBodyBytes?: number;
  readonly limits?: ConnectionLimits;
  /**
   * A connection is closed if no bytes are sent or received for this time during a request. For example, a client may
   * not read its answer. 0: never.
   */
  readonly stalledMs?: number;
}

/** Serves `handler` on every address of `host`, all on the same port. */
export async function listen(
  handler: RequestListener,
  {
    host,
    port,
    options = SERVER_TIMEOUTS,
    maxBodyBytes = Number.POSITIVE_INFINITY,
    limits = CONNECTION_LIMITS,
    stalledMs = STALLED_MS,
  }: ListenOptions,
): Promise<Listener> {
  const { onConnection, onRequest } = limitConnections(handler, limits);
  const servers: Server[] = [];
  let bound = port;
  for (const address of addressesOf(host)) {
    const server = createServer(options, onRequest).on('connection', onConnection);
    server.setTimeout(stalledMs);
    // Without this listener, Node.js would answer an unknown expectation itself, without the limits of connections.
    server.on('checkExpectation', onRequest);
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      if (Number(request.headers['content-length'] ?? 0) <= maxBodyBytes) response.writeContinue();
      onRequest(request, response);
    });
    try {
      bound = await bind(server, address, bound);
      servers.push(server);
    } catch (error) {
      for (const open of servers) open.close();
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTaken(address, bound, error);
      throw error;
    }
  }
  return { port: bound, close: (graceMs = 5_000) => closeAll(servers, graceMs) };
}

/** Longer than any answer of the servers takes. */
const STALLED_MS = 30_000;

/** The timeouts of a server whose requests and answers are small, in ms. */
const SERVER_TIMEOUTS: ServerOptions = {
  // Longer than clients keep their connections open, so that the server never closes one during a request.
  keepAliveTimeout: 65_000,
  ...{ requestTimeout: 15_000, headersTimeout: 10_000 },
  // The default of Node.js checks for late requests only twice a minute.
  connectionsCheckingInterval: 5_000,
};

/**
 * The number of connections that may wait until they are accepted. It is large, because a client whose connection
 * finds no room tries again only after seconds.
 */
const BACKLOG = 4_096;

function bind(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** How often the server closes connections that became idle, in ms. */
const IDLE_CHECK_MS = 100;

async function closeAll(servers: readonly Server[], graceMs: number): Promise<void> {
  const forceTimer = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, graceMs);
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  const closeIdle = (): void => {
    for (const server of servers) server.closeIdleConnections();
  };
  const idleTimer = setInterval(closeIdle, IDLE_CHECK_MS);
  await Promise.all(closed);
  clearInterval(idleTimer);
  clearTimeout(forceTimer);
}
