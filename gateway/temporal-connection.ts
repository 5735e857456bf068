import {
  Connection,
  type ConnectionOptions,
  isRetryableError,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';

/**
 * A call is tried this often, 100, 200 and 400 ms apart. The client's own retries would sleep for seconds, and a
 * call's deadline does not wake them.
 */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 100;

/** After an outage a server is found again within this time; gRPC's own limit is two minutes. */
const RECONNECT_MS = 2_000;

/**
 * A connection that is made with the first call, so that the gateway comes up while Temporal is down. Its calls end
 * at most 400 ms after their deadline.
 */
export function temporalConnection(options: ConnectionOptions): Connection {
  const retries = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) => attempt < ATTEMPTS && isRetryableError(status),
    delayFunction: (attempt) => FIRST_WAIT_MS * 2 ** (attempt - 1),
  });
  return Connection.lazy({
    ...options,
    interceptors: [...(options.interceptors ?? []), retries],
    channelArgs: { 'grpc.max_reconnect_backoff_ms': RECONNECT_MS, ...options.channelArgs },
  });
}
