import { Webhook } from 'standardwebhooks';
import { readWebhookAnswer } from '../../domain/channels/webhook-answer.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { retryAfterMs } from '../../domain/retry-after.ts';
import { readChannelAddress } from './channel-address.ts';
import type { ChannelKind } from './channel-kind.ts';

const MAX_RETRY_AFTER_MS = 3_600_000;

/** The secret of a webhook: `whsec_` and 24 to 64 bytes in base64. */
const SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const SECRET_PREFIX = 'whsec_';

/** The type of the event that a webhook receives. */
const EVENT_TYPE = 'sluice.alert';

/** Any HTTP server, by the specification Standard Webhooks 1.0.0. The receiver can drop repetitions by the message's id. */
export const webhook: ChannelKind = {
  limits: { messageBytes: 18_000 },
  check({ url, secret = '' }, privateOrigins) {
    readChannelAddress(url, privateOrigins);
    const bytes = SECRET.test(secret) ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64').length : 0;
    if (bytes < 24 || bytes > 64)
      throw new InvalidInput(
        'BadChannelSecret',
        'secret must be whsec_ and 24 to 64 bytes in base64; create one with: echo whsec_$(openssl rand -base64 32)',
      );
  },
  create({ url: address, secret = '' }, { http, clock, privateOrigins }) {
    const url = readChannelAddress(address, privateOrigins);
    const signer = new Webhook(secret);
    return {
      limits: webhook.limits,
      async send({ id, title, markdown, data }, signal) {
        const now = new Date(clock());
        const content = { title, markdown, ...(data === undefined ? {} : { details: data }) };
        const body = JSON.stringify({ type: EVENT_TYPE, timestamp: now.toISOString(), data: content });
        const headers = {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
          'webhook-signature': signer.sign(id, now, body),
        };
        const answer = await http.post(url, headers, body, signal);
        if ('kind' in answer) return answer;
        const afterMs = retryAfterMs(answer.headers['retry-after'], now.getTime(), MAX_RETRY_AFTER_MS);
        return readWebhookAnswer(answer.status, afterMs);
      },
    };
  },
};
