import { HttpAgent, HttpsAgent } from 'agentkeepalive';
import OSS from 'ali-oss';
import type { ObjectRef, StoredChecksum } from '../../ports/object-store.ts';
import { translateOssError, withFullErrors } from './errors.ts';

export interface OssSettings {
  /** `https://oss-cn-hangzhou.aliyuncs.com`, or a stand-in on this machine, which is spoken to in path style. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** A temporary token that belongs to the key; empty for a long-lived key. */
  readonly stsToken?: string;
  /** Connections at most. */
  readonly maxSockets: number;
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Idle connections are dropped before a server drops them: ali-oss would fail a request on a closed one. */
const AGENT_OPTIONS = { freeSocketTimeout: 4_000, timeout: 120_000, maxFreeSockets: 128 };

/** Makes the function from a bucket to its ali-oss client; all share one pool of connections. */
function ossClients(settings: OssSettings): (bucket: string) => OSS {
  const endpoint = new URL(settings.endpoint);
  const local = LOOPBACK_HOSTS.has(endpoint.hostname);
  // ali-oss forges the Host header for an IP address, so a stand-in is always called by name.
  if (local) endpoint.hostname = 'localhost';
  const options = {
    endpoint: endpoint.href,
    accessKeyId: settings.accessKeyId,
    accessKeySecret: settings.accessKeySecret,
    ...(settings.stsToken ? { stsToken: settings.stsToken, refreshSTSTokenInterval: 2 ** 31 } : {}),
    sldEnable: local,
    retryMax: 0,
    agent: new HttpAgent({ ...AGENT_OPTIONS, maxSockets: settings.maxSockets }),
    httpsAgent: new HttpsAgent({ ...AGENT_OPTIONS, maxSockets: settings.maxSockets }),
  };
  const clients = new Map<string, OSS>();
  return (bucket) => {
    const known = clients.get(bucket);
    if (known !== undefined) return known;
    const client = withFullErrors(new OSS({ ...options, bucket }));
    if (clients.size >= 100) clients.clear();
    clients.set(bucket, client);
    return client;
  };
}

/** Deadline of a call without a large body, in milliseconds. */
export const CALL_TIMEOUT_MS = 30_000;

/** A body may take a second per megabyte on top. */
export const bodyTimeoutMs = (bytes: number): number => CALL_TIMEOUT_MS + Math.ceil(bytes / 1_000);

/** Makes the function that runs one call: not begun when aborted, and its errors translated. */
export type OssCall = <T>(
  what: string,
  ref: ObjectRef,
  signal: AbortSignal | undefined,
  call: (client: OSS) => Promise<T>,
) => Promise<T>;

/** What the store says of the bytes that it took. */
export function readChecksum(answer: { res: unknown }): StoredChecksum {
  const { headers } = answer.res as { headers: Record<string, string | undefined> };
  return { crc64: headers['x-oss-hash-crc64ecma'] };
}

/** Calls with these settings. */
export function createOssCall(settings: OssSettings): OssCall {
  const clientOf = ossClients(settings);
  return async (what, ref, signal, run) => {
    signal?.throwIfAborted();
    try {
      return await run(clientOf(ref.bucket));
    } catch (error) {
      throw translateOssError(error, what, ref);
    }
  };
}
