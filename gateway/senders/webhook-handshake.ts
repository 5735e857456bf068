import type { Sender, WebhookConsent } from './sender.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The answer contains the origin, so the origin must not contain characters that could end a header. */
const ORIGIN = /^[\x21-\x7e]{1,255}$/;

/** If no senders are configured, every origin is allowed, as in Knative's brokers. */
const ANY_ORIGIN: WebhookConsent = { origins: ['*'], rate: '*' };

/**
 * Returns the headers of the answer to OPTIONS (CloudEvents, HTTP webhook 1.0 §4). Allows the origin if a sender's
 * `webhook` lists it, or if no senders are configured; otherwise returns only `Allow`. Never calls a
 * `WebHook-Request-Callback`.
 */
export function webhookHandshake(
  senders: readonly Sender[],
  headers: Headers,
): { headers: Record<string, string> } {
  const allow = { Allow: 'POST' };
  const origin = headers['webhook-request-origin'];
  if (typeof origin !== 'string' || !ORIGIN.test(origin)) return { headers: allow };
  const consents = senders.length === 0 ? [ANY_ORIGIN] : senders.flatMap(({ webhook }) => webhook ?? []);
  const consent = consents.find(({ origins }) =>
    origins.some((allowed) => allowed === '*' || allowed === origin.toLowerCase()),
  );
  if (consent === undefined) return { headers: allow };
  const rate = allowedRate(consent.rate, headers['webhook-request-rate']);
  return { headers: { ...allow, 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': rate } };
}

/** Returns the allowed requests per minute: the lower of the allowed and the requested rate. */
function allowedRate(allowed: number | '*', requested: string | string[] | undefined): string {
  const rate =
    typeof requested === 'string' && /^[1-9]\d{0,8}$/.test(requested) ? Number(requested) : undefined;
  if (allowed === '*' || rate === undefined) return String(allowed);
  return String(Math.min(allowed, rate));
}
