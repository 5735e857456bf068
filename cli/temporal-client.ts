import { Client, Connection } from '@temporalio/client';
import { messageOf } from '../domain/errors.ts';
import type { TemporalTarget } from './addresses.ts';
import { CommandError } from './command.ts';

const CONNECT_MS = 5_000;
const CALL_MS = 10_000;

/** A connected client. Every call through `call` has a timeout. */
export interface TemporalClient {
  readonly client: Client;
  readonly connection: Connection;
  readonly target: TemporalTarget;
  call<T>(request: () => Promise<T>, withinMs?: number): Promise<T>;
}

/**
 * Connects, calls `work`, and closes the connection.
 * @throws CommandError with the address if Temporal does not answer
 */
export async function withTemporal<T>(
  target: TemporalTarget,
  work: (temporal: TemporalClient) => Promise<T>,
): Promise<T> {
  const connection = await connect(target);
  try {
    const client = new Client({ connection, namespace: target.namespace });
    const call: TemporalClient['call'] = (request, withinMs = CALL_MS) =>
      connection.withDeadline(Date.now() + withinMs, request);
    return await work({ client, connection, target, call });
  } finally {
    await connection.close();
  }
}

async function connect(target: TemporalTarget): Promise<Connection> {
  try {
    return await Connection.connect({
      ...target.connection,
      channelArgs: { ...MAX_ANSWER, ...(isLoopback(target.address) ? NO_PROXY : {}) },
      connectTimeout: CONNECT_MS,
    });
  } catch (error) {
    throw new CommandError(
      `Temporal at ${target.address} (from ${target.from}) does not answer: ${messageOf(error, 200)}; ` +
        'start it with `npm start`, or set --address',
      { cause: error },
    );
  }
}

/** A list of runs has the memo of each run. The default of 4 MiB would be too small for a page of large memos. */
const MAX_ANSWER = { 'grpc.max_receive_message_length': 128 * 1024 * 1024 } as const;

/** Without this option, gRPC would use the proxy in the variable http_proxy even for addresses of this machine. */
export const NO_PROXY = { 'grpc.enable_http_proxy': 0 } as const;

const isLoopback = (address: string): boolean => /^(localhost|127\.|\[?::1)/.test(address);
