import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { ReceivedMessage } from './received-messages.ts';

/** The maximum difference between the time of a signature and the time of the stand-in. */
const TOLERANCE_MS = 5 * 60_000;

/** Receivers of webhooks (Standard Webhooks 1.0.0). They drop a message whose id they have received before. */
export class Webhooks {
  readonly #clock: () => number;
  #secrets: Readonly<Record<string, string>> = {};
  readonly #seen = new Set<string>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  setSecrets(secrets: Readonly<Record<string, string>> = {}): void {
    this.#secrets = secrets;
    this.#seen.clear();
  }

  /** Returns the HTTP status, and passes on a message that is new. */
  receive(
    name: string,
    headers: IncomingHttpHeaders,
    body: string,
    onReceived: (message: ReceivedMessage) => void,
  ): number {
    const id = String(headers['webhook-id'] ?? '');
    const secret = this.#secrets[name];
    try {
      if (id === '') return 400;
      if (secret !== undefined && !this.#isSigned(id, headers, body, secret)) return 401;
      const { data } = JSON.parse(body);
      if (this.#seen.has(`${name} ${id}`)) return 204;
      this.#seen.add(`${name} ${id}`);
      onReceived({
        ...{ at: new Date(this.#clock()).toISOString(), kind: 'webhook', to: name, id },
        ...{ title: String(data.title), text: String(data.markdown), mentions: [] },
      });
      return 204;
    } catch {
      return 400;
    }
  }

  /** Checks a signature at the time of the stand-in. The library's own check would use the time of this machine. */
  #isSigned(id: string, headers: IncomingHttpHeaders, body: string, secret: string): boolean {
    const sentAt = Number(headers['webhook-timestamp']) * 1_000;
    if (!(Math.abs(sentAt - this.#clock()) <= TOLERANCE_MS)) return false;
    const expected = new Webhook(secret).sign(id, new Date(sentAt), body);
    return String(headers['webhook-signature']).split(' ').includes(expected);
  }
}
