import { Connection, type ConnectionOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

/** After an outage a server is found again within this time; gRPC's own limit is two minutes. */
const RECONNECT_MS = 2_000;

/**
 * A connection that is made with the first call, so that forecasts are told while Temporal is down. Whoever asked tries
 * again: the client's own retries would sleep beyond a call's deadline.
 */
export function temporalConnection(options: ConnectionOptions): Connection {
  const noRetries = makeGrpcRetryInterceptor({ retryableDecider: () => false, delayFunction: () => 0 });
  return Connection.lazy({
    ...options,
    interceptors: [...(options.interceptors ?? []), noRetries],
    channelArgs: { 'grpc.max_reconnect_backoff_ms': RECONNECT_MS, ...options.channelArgs },
  });
}
