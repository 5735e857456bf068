import {
  Connection,
  type ConnectionOptions,
  isRetryableError,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { cachedProbe, PROBE_TIMEOUT_MS } from './health.ts';

/** Between the attempts of a call; doubled each time. */
const FIRST_BACKOFF_MS = 100;

/** After an outage a server is found again within this time; gRPC's own limit is two minutes. */
const MAX_RECONNECT_BACKOFF_MS = 2_000;

/**
 * A connection that is made with the first call, so that a process comes up while Temporal is down. A call is tried
 * `attempts` times; a deadline does not wake what waits between them, so four end at most 400 ms after it. The client's
 * own retries would sleep for seconds.
 */
export function temporalConnection(options: ConnectionOptions, attempts: number): Connection {
  const retries = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) => attempt < attempts && isRetryableError(status),
    delayFunction: (attempt) => FIRST_BACKOFF_MS * 2 ** (attempt - 1),
  });
  return Connection.lazy({
    ...options,
    interceptors: [...(options.interceptors ?? []), retries],
    channelArgs: { 'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_BACKOFF_MS, ...options.channelArgs },
  });
}

const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

/** What of a connection is asked for its health: a client's has it, and a worker's. */
type HealthConnection = Pick<Connection, 'healthService' | 'withDeadline'>;

/** Whether Temporal can be reached, by its own health service. */
export const temporalProbe = (connection: HealthConnection): (() => Promise<boolean>) =>
  cachedProbe(() =>
    connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      connection.healthService.check({ service: SERVICE }),
    ),
  );
