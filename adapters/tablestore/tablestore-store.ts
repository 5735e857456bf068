import { HttpAgent, HttpsAgent } from 'agentkeepalive';
import type { TableStore } from '../../ports/table-store.ts';
import type { TablestoreKeys } from '../../runtime/tablestore-credentials.ts';
import type { RequestLimits, SendRequest } from './batch-retry.ts';
import { callPackage } from './call-package.ts';
import { tablestoreReads } from './reads.ts';
import { tablestoreWrites } from './writes.ts';

export interface TablestoreSettings {
  /** `https://<instance>.<region>.ots.aliyuncs.com`, or a stand-in; a path is not part of it. */
  readonly endpoint: string;
  readonly instance: string;
  /** Asked for each request, so that new keys are used without a restart. */
  readonly credentials: () => TablestoreKeys;
  /** Connections at most. */
  readonly maxSockets?: number;
  /** How long one request is waited for, in ms. */
  readonly tryMs?: number;
  /** How long a call goes on with the same rows, in ms, tries and waits together. */
  readonly totalMs?: number;
  /**
   * Whether a key that the service does not know ends a call at once, as for a person's command; else it is tried
   * again, since keys may be rotated just now. @default false
   */
  readonly unknownKeyIsFinal?: boolean;
  /** Requests of one call of many rows that are under way at a time. */
  readonly parallel?: number;
}

/** Idle connections are dropped before a server drops them: a write on a closed one might have happened. */
const AGENT_OPTIONS = { freeSocketTimeout: 4_000, timeout: 120_000, maxFreeSockets: 128 };

/** Requests over kept connections; by itself the package opens one for each request over TLS. */
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
 * Alibaba Cloud Tablestore through the package `tablestore`. All its calls can be made to behave by replacing steps of
 * its requests; only a column of the name `timestamp` cannot be written by it, and is refused.
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
