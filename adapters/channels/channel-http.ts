import type { SendResult } from '../../domain/channels/send-result.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from '../../runtime/http-client.ts';
import { lookupPublic, NOT_PUBLIC } from './public-address.ts';

const MAX_CONNECTIONS = 64;
/** Shorter than the idle timeout of servers, so that a message is seldom sent on a connection that is being closed. */
const IDLE_MS = 4_000;
/** Receivers may take long: the specification of webhooks recommends 15 to 30 s. */
const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1_024;

/** Sends messages to channels, with their own connections. */
export interface ChannelHttp {
  /**
   * Posts a body once, without following redirects. Returns the answer with any status, or why there is none. No result
   * contains the address.
   * @throws the signal's reason if it aborts
   */
  post(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal?: AbortSignal,
  ): Promise<HttpAnswer | SendResult>;
  close(): void;
}

/**
 * Creates a client for channels. It connects only to public addresses, except for the origins in `privateOrigins`, which an
 * operator has allowed.
 */
export function createChannelHttp(privateOrigins: readonly string[], timeoutMs = TIMEOUT_MS): ChannelHttp {
  const options = { maxConnections: MAX_CONNECTIONS, idleMs: IDLE_MS };
  const publicClient = createHttpClient({ ...options, lookup: lookupPublic });
  const privateClient = createHttpClient(options);
  const clientOf = ({ origin }: URL): HttpClient =>
    privateOrigins.includes(origin) ? privateClient : publicClient;
  return {
    async post(url, headers, body, signal) {
      const request = { url, method: 'POST', headers, body, timeoutMs, signal } as const;
      try {
        // A second attempt on another connection could send the message twice.
        return await clientOf(url).request({ ...request, maxBytes: MAX_ANSWER_BYTES, resend: false });
      } catch (error) {
        signal?.throwIfAborted();
        return connectionProblem(error, timeoutMs);
      }
    },
    close() {
      publicClient.close();
      privateClient.close();
    },
  };
}

/** The codes of errors before a connection was made. After such an error, the message was not sent. */
const NOT_CONNECTED = [
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO'],
];

function connectionProblem(error: unknown, timeoutMs: number): SendResult {
  if (error instanceof Error && error.name === 'TimeoutError')
    return {
      ...{ kind: 'ambiguous', code: 'timeout' },
      meaning: {
        zh: `${timeoutMs / 1_000} 秒内没有回答；消息可能已发送`,
        en: `no answer within ${timeoutMs / 1_000} s; the message may have been sent`,
      },
    };
  const { code: found } = Object(error) as { code?: unknown };
  const code = typeof found === 'string' && /^[A-Z_\d]{1,40}$/.test(found) ? found : 'connection';
  if (code === NOT_PUBLIC)
    return {
      ...{ kind: 'misconfigured', code },
      meaning: {
        zh: '地址指向内部网络，Sluice 不发送；可在 SLUICE_CHANNEL_ORIGINS 中允许',
        en: 'the address leads to a private network; SLUICE_CHANNEL_ORIGINS lists exceptions',
      },
    };
  if (NOT_CONNECTED.includes(code))
    return {
      ...{ kind: 'retryable', code },
      meaning: { zh: `无法连接（${code}）`, en: `the connection failed (${code})` },
    };
  return {
    ...{ kind: 'ambiguous', code },
    meaning: {
      zh: `连接中断（${code}）；消息可能已发送`,
      en: `the connection broke (${code}); the message may have been sent`,
    },
  };
}
