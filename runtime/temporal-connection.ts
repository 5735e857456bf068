import {
  Connection,
  type ConnectionOptions,
  isRetryableError,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { cachedProbe, PROBE_TIMEOUT_MS } from './health.ts';
import { signalRequestIdInterceptor } from './signal-request-id.ts';

/** The wait before the second attempt of a call. Each further wait is twice as long. */
const FIRST_BACKOFF_MS = 100;

/** The maximum wait between reconnects. The default of 2 minutes would be too long after an outage. */
const MAX_RECONNECT_BACKOFF_MS = 2_000;

/**
 * Creates a connection that connects with the first call, so that a process can start while Temporal is unavailable.
 * Each call has `attempts` attempts. A deadline does not interrupt the waits between the attempts. But the waits are
 * short: with four attempts, a call ends at most 400 ms after its deadline. The client's own retries would wait for
 * seconds.
 */
export function temporalConnection(options: ConnectionOptions, attempts: number): Connection {
  const retries = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) =>
      attempt < attempts && isRetryableError(status) && !isAnswerTooLarge(status.details),
    delayFunction: (attempt) => FIRST_BACKOFF_MS * 2 ** (attempt - 1),
  });
  return Connection.lazy({
    ...options,
    interceptors: [...(options.interceptors ?? []), signalRequestIdInterceptor, retries],
    channelArgs: { 'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_BACKOFF_MS, ...options.channelArgs },
  });
}

/**
 * Returns true for the client's own message that an answer has more than 4 MiB. Its code is the one of an overloaded server,
 * but a retry gets the same answer.
 */
export const isAnswerTooLarge = (details: string): boolean =>
  details.includes('Received message larger than max');

const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';

/** The part of a connection that the probe needs. Connections of clients and workers have it. */
type HealthConnection = Pick<Connection, 'healthService' | 'withDeadline'>;

/** Returns a function that returns true if Temporal is reachable, according to its own health service. */
export const temporalProbe = (connection: HealthConnection): (() => Promise<boolean>) =>
  cachedProbe(() =>
    connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      connection.healthService.check({ service: SERVICE }),
    ),
  );
