import { AsyncLocalStorage } from 'node:async_hooks';
import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { HttpAgent, HttpsAgent } from 'agentkeepalive';
import OSS from 'ali-oss';
import type { ObjectRef, StoredChecksum } from '../../ports/object-store.ts';
import { translateOssError, withFullErrors } from './errors.ts';

export interface OssSettings {
  /** `https://oss-cn-hangzhou.aliyuncs.com`, or a stand-in on this machine. A stand-in is called in path style. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** The token of temporary credentials; empty for a long-lived key. */
  readonly stsToken?: string;
  /** Maximum number of connections. */
  readonly maxSockets: number;
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Idle connections are closed before a server closes them, because ali-oss fails a request on a closed connection. */
const AGENT_OPTIONS = { freeSocketTimeout: 4_000, timeout: 120_000, maxFreeSockets: 128 };

/** The signal of the call that a request belongs to. ali-oss has no option for it. */
const callSignal = new AsyncLocalStorage<AbortSignal | undefined>();

/**
 * Checks the signal of a call once more directly before a request is sent. A process can be paused after the call began,
 * for example while the request waits for its connection. After a long pause, another worker may have taken over, and a
 * late write would damage its result. With HTTPS, the handshake of a new connection comes after this check.
 */
function checkBeforeSending<A extends Agent>(agent: A): A {
  const inner = agent as A & { addRequest(request: ClientRequest, ...others: unknown[]): void };
  const addRequest = inner.addRequest.bind(agent);
  inner.addRequest = (request, ...others) => {
    const signal = callSignal.getStore();
    if (signal !== undefined) {
      const check = (): void => {
        if (signal.aborted) request.destroy(signal.reason as Error);
      };
      request.prependOnceListener('socket', (socket: Socket) => {
        if (socket.connecting) socket.prependOnceListener('connect', check);
        else check();
      });
    }
    addRequest(request, ...others);
  };
  return agent;
}

/** Creates a function that returns the ali-oss client of a bucket. All clients share one connection pool. */
function ossClients(settings: OssSettings): (bucket: string) => OSS {
  const endpoint = new URL(settings.endpoint);
  const local = LOOPBACK_HOSTS.has(endpoint.hostname);
  // ali-oss changes the Host header for an IP address, so a stand-in is called by name.
  if (local) endpoint.hostname = 'localhost';
  const options = {
    endpoint: endpoint.href,
    accessKeyId: settings.accessKeyId,
    accessKeySecret: settings.accessKeySecret,
    ...(settings.stsToken ? { stsToken: settings.stsToken, refreshSTSTokenInterval: 2 ** 31 } : {}),
    sldEnable: local,
    retryMax: 0,
    agent: checkBeforeSending(new HttpAgent({ ...AGENT_OPTIONS, maxSockets: settings.maxSockets })),
    httpsAgent: checkBeforeSending(new HttpsAgent({ ...AGENT_OPTIONS, maxSockets: settings.maxSockets })),
  };
  const clients = new Map<string, OSS>();
  return (bucket) => {
    const existing = clients.get(bucket);
    if (existing !== undefined) return existing;
    const client = withFullErrors(new OSS({ ...options, bucket }));
    if (clients.size >= 100) clients.clear();
    clients.set(bucket, client);
    return client;
  };
}

/** Timeout of a call without a large body, in milliseconds. */
export const CALL_TIMEOUT_MS = 30_000;

/** Returns the timeout of a call with a body, in milliseconds: one second more for each megabyte. */
export const bodyTimeoutMs = (bytes: number): number => CALL_TIMEOUT_MS + Math.ceil(bytes / 1_000);

/**
 * Runs one call and translates its errors. If `signal` is aborted before the request is sent, or when the call fails,
 * throws the reason of `signal`.
 */
export type OssCall = <T>(
  action: string,
  ref: ObjectRef,
  signal: AbortSignal | undefined,
  call: (client: OSS) => Promise<T>,
) => Promise<T>;

/** Returns the store's checksum of the bytes that it received. */
export function readChecksum(answer: { res: unknown }): StoredChecksum {
  const { headers } = answer.res as { headers: Record<string, string | undefined> };
  return { crc64: headers['x-oss-hash-crc64ecma'] };
}

/** Creates the call function for these settings. */
export function createOssCall(settings: OssSettings): OssCall {
  const clientOf = ossClients(settings);
  return async (action, ref, signal, run) => {
    signal?.throwIfAborted();
    try {
      return await callSignal.run(signal, () => run(clientOf(ref.bucket)));
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw translateOssError(error, action, ref);
    }
  };
}
