/** A message that a stand-in accepted. */
export interface ReceivedMessage {
  /** RFC 3339, by the clock of the stand-in. */
  readonly at: string;
  readonly kind: 'dingtalk' | 'webhook';
  /** The robot's access_token, or the name of the webhook. The tokens of stand-ins are no secrets. */
  readonly to: string;
  /** The id of a webhook's message. */
  readonly id?: string;
  readonly title: string;
  readonly text: string;
  readonly mentions: readonly string[];
}

const MAX_MESSAGES = 5_000;

/** The messages that the local channels accepted, the oldest first. They are lost when the process ends. */
export class ReceivedMessages {
  #messages: ReceivedMessage[] = [];

  add(message: ReceivedMessage): void {
    this.#messages.push(message);
    if (this.#messages.length > MAX_MESSAGES) this.#messages.shift();
  }

  list(): readonly ReceivedMessage[] {
    return this.#messages;
  }

  clear(): void {
    this.#messages = [];
  }
}
