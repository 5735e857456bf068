import { HttpAgent, HttpsAgent } from 'agentkeepalive';
import type { TableStore } from '../../ports/table-store.ts';
import type { TablestoreKeys } from '../../runtime/tablestore-credentials.ts';
import type { RequestLimits, SendRequest } from './batch-retry.ts';
import { callPackage } from './call-package.ts';
import { tablestoreReads } from './reads.ts';
import { tablestoreWrites } from './writes.ts';

export interface TablestoreSettings {
  /** `https://<instance>.<region>.ots.aliyuncs.com`, or a stand-in. A path is ignored. */
  readonly endpoint: string;
  readonly instance: string;
  /** Called for each request, so that new keys are used without a restart. */
  readonly credentials: () => TablestoreKeys;
  /** Maximum number of connections. */
  readonly maxSockets?: number;
  /** Timeout of one attempt, in ms. */
  readonly tryMs?: number;
  /** Timeout of a call with its retries and waits, in ms. */
  readonly totalMs?: number;
  /**
   * True if a call with an unknown access key fails at once, as in commands. Otherwise the call is retried, because
   * keys may be rotated.
   * @default false
   */
  readonly unknownKeyIsFinal?: boolean;
  /** Maximum number of concurrent requests of a call with many rows. */
  readonly parallel?: number;
}

/**
 * Idle connections are closed before a server closes them. If a server closed a connection during a write, the write
 * may or may not have been executed.
 */
const AGENT_OPTIONS = { freeSocketTimeout: 4_000, timeout: 120_000, maxFreeSockets: 128 };

/**
 * Sends requests over connections that stay open. Without this agent, the package would open a TLS connection for
 * each request.
 */
function tablestoreRequests(settings: TablestoreSettings): {
  readonly request: SendRequest;
  close(): void;
} {
  const { endpoint, instance, credentials, maxSockets = 32 } = settings;
  const { origin, protocol } = new URL(endpoint);
  const options = { ...AGENT_OPTIONS, maxSockets };
  const agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  return {
    request: (operation, params, limits) =>
      callPackage({ origin, instance, agent, keys: credentials() }, { operation, params, ...limits }),
    close: () => agent.destroy(),
  };
}

const ATTEMPT_TIMEOUT_MS = 8_000;
const TOTAL_TIMEOUT_MS = 20_000;
const MAX_CONCURRENT_REQUESTS = 4;

/**
 * The table store on Alibaba Cloud Tablestore. The package `tablestore` builds the requests and parses the answers;
 * `callPackage` sends the requests. The store rejects a column named `timestamp`, because the package cannot write it.
 */
export function createTablestoreStore(settings: TablestoreSettings): TableStore & { close(): void } {
  const {
    tryMs = ATTEMPT_TIMEOUT_MS,
    totalMs = TOTAL_TIMEOUT_MS,
    parallel = MAX_CONCURRENT_REQUESTS,
    unknownKeyIsFinal = false,
  } = settings;
  const { request, close } = tablestoreRequests(settings);
  const limits = (signal: AbortSignal | undefined): RequestLimits => ({
    tryMs,
    totalMs,
    unknownKeyIsFinal,
    signal,
  });
  return {
    ...tablestoreReads({ request, limits, parallel }),
    ...tablestoreWrites({ request, limits, parallel }),
    close,
  };
}
