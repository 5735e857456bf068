import type { SendResult } from './send-result.ts';

/** The wait after an answer that asks for fewer requests without saying how long to wait, in ms. */
const DEFAULT_WAIT_MS = 30_000;

/** Statuses by which a receiver or its proxy asks for fewer requests (Standard Webhooks 1.0.0, "Sender responsibilities"). */
const THROTTLING = [429, 502, 504];

/**
 * Reads the answer to a webhook by the Standard Webhooks specification 1.0.0: only 2xx means that the message was
 * received, and 410 ends the channel. `afterMs` is the wait of the header `Retry-After`.
 */
export function readWebhookAnswer(status: number, afterMs: number | undefined): SendResult {
  const code = `http-${status}`;
  if (status >= 200 && status < 300) return { kind: 'sent' };
  if (status === 410)
    return {
      ...{ kind: 'dead', code },
      meaning: { zh: '接收方已停用这个地址（410）', en: 'the receiver no longer exists (410)' },
    };
  if (THROTTLING.includes(status) || (status === 503 && afterMs !== undefined))
    return {
      ...{ kind: 'throttled', code, afterMs: afterMs ?? DEFAULT_WAIT_MS },
      meaning: {
        zh: `接收方要求稍后重试（HTTP ${status}）`,
        en: `the receiver asks to try again later (HTTP ${status})`,
      },
    };
  if (status >= 300 && status < 400)
    return {
      ...{ kind: 'misconfigured', code },
      meaning: {
        zh: `接收方要求跳转（HTTP ${status}）；请填写最终地址，Sluice 不跟随跳转`,
        en: `the receiver redirects (HTTP ${status}); set the final address, because Sluice follows no redirects`,
      },
    };
  if (status >= 500 || status === 408 || status === 425)
    return {
      ...{ kind: 'retryable', code },
      meaning: {
        zh: `接收方出错（HTTP ${status}）`,
        en: `the receiver failed (HTTP ${status})`,
      },
    };
  return {
    ...{ kind: 'rejected', code },
    meaning: {
      zh: `接收方拒绝了消息（HTTP ${status}）`,
      en: `the receiver rejected the message (HTTP ${status})`,
    },
  };
}
