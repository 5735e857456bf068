import type { Sender, WebhookConsent } from './sender.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What is echoed has to be the name of a host: nothing that could end a header. */
const ORIGIN = /^[\x21-\x7e]{1,255}$/;

/** As Knative's brokers consent. */
const ANY_ORIGIN: WebhookConsent = { origins: ['*'], rate: '*' };

/**
 * The headers of the answer to OPTIONS (CloudEvents, HTTP webhook 1.0 §4): consent where a source's `webhook` lists the
 * origin, or where no sources are configured; else only `Allow`. A `WebHook-Request-Callback` is never called.
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

/** Requests a minute: what is allowed, and not more than was asked for. */
function allowedRate(allowed: number | '*', asked: string | string[] | undefined): string {
  const wanted = typeof asked === 'string' && /^[1-9]\d{0,8}$/.test(asked) ? Number(asked) : undefined;
  if (allowed === '*' || wanted === undefined) return String(allowed);
  return String(Math.min(allowed, wanted));
}
