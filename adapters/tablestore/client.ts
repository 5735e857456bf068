import { HttpAgent, HttpsAgent } from 'agentkeepalive';
import type { TablestoreKeys } from '../../runtime/tablestore-credentials.ts';
import { callPackage } from './package.ts';

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
  /** Requests of one call of many rows that are under way at a time. */
  readonly parallel?: number;
}

/** The operations of the package that the adapter uses. */
export type Operation =
  | 'getRow'
  | 'putRow'
  | 'updateRow'
  | 'deleteRow'
  | 'getRange'
  | 'batchGetRow'
  | 'batchWriteRow';

/** One request: answered, or failed with OtsError or OtsUnreachable, within `ms`. */
export type Request = (
  operation: Operation,
  params: object,
  limits: { readonly ms: number; readonly signal?: AbortSignal | undefined },
) => Promise<object>;

/** Idle connections are dropped before a server drops them: a write on a closed one might have happened. */
const AGENT_OPTIONS = { freeSocketTimeout: 4_000, timeout: 120_000, maxFreeSockets: 128 };

/** Requests over kept connections; by itself the package opens one for each request over TLS. */
export function tablestoreRequests(settings: TablestoreSettings): {
  readonly request: Request;
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
