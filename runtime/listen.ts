import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';

export interface Listener {
  /** The port that was bound, also when 0 was asked for. */
  readonly port: number;
  /** Takes no new connection, lets open requests finish within `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Binding failed; the message says what to do. */
export class PortTaken extends Error {
  constructor(host: string, port: number, cause: unknown) {
    super(
      `port ${port} on ${host} is taken by another program; stop it, or choose other ports with SLUICE_PORT_OFFSET`,
      { cause },
    );
    this.name = 'PortTaken';
  }
}

/** `loopback` means 127.0.0.1 and, where the machine has it, ::1. */
function addressesOf(host: string): string[] {
  if (host !== 'loopback') return [host];
  const hasV6 = Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => address === '::1'),
  );
  return hasV6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];
}

/** Serves `handler` on every address that `host` stands for, all on the same port. */
export async function listen(
  handler: RequestListener,
  { host, port, options = {} }: { host: string; port: number; options?: ServerOptions },
): Promise<Listener> {
  const servers: Server[] = [];
  let bound = port;
  for (const address of addressesOf(host)) {
    const server = createServer(options, handler);
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

/** How long a server in front of people waits for its clients, in ms. */
export const SERVER_TIMEOUTS: ServerOptions = {
  // Longer than the clients keep their connections, so that none is closed under a request.
  keepAliveTimeout: 65_000,
  ...{ requestTimeout: 15_000, headersTimeout: 10_000 },
  // By itself Node.js looks for late requests twice a minute only.
  connectionsCheckingInterval: 5_000,
};

/** Connections that may wait to be accepted: more than come at once, or their senders wait for seconds to try again. */
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

/** How often kept connections are looked at whose last request may have been answered since, in milliseconds. */
const IDLE_CHECK_MS = 100;

async function closeAll(servers: readonly Server[], graceMs: number): Promise<void> {
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, graceMs);
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  const closeIdle = (): void => {
    for (const server of servers) server.closeIdleConnections();
  };
  const look = setInterval(closeIdle, IDLE_CHECK_MS);
  await Promise.all(closed);
  clearInterval(look);
  clearTimeout(cut);
}
