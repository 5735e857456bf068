import type { SendResult } from '../domain/channels/send-result.ts';

/** What a user configures of a channel. It is secret, and stored sealed. */
export interface ChannelSettings {
  readonly url: string;
  readonly secret?: string;
  /** A word that the receiver requires in every message. */
  readonly keyword?: string;
}

/** A message for the people of one channel. */
export interface ChannelMessage {
  /** All attempts of one message have the same id. Receivers that remember ids drop repetitions. */
  readonly id: string;
  /** One line without markup, for the notification on a phone. */
  readonly title: string;
  /** The text in Markdown. Text from outside is already escaped in it. */
  readonly markdown: string;
  /** The mobile numbers of people to mention. */
  readonly mentions?: readonly string[];
  /** The content for programs. Only channels whose receiver is a program send it. */
  readonly data?: unknown;
}

/** The limits of a kind of channel. */
export interface ChannelLimits {
  /** The maximum size of a message in UTF-8, in bytes. */
  readonly messageBytes: number;
  /** The maximum number of messages in any minute. Absent: no limit. */
  readonly messagesPerMinute?: number;
}

/** The receiver of messages, such as the robot of a chat group. */
export interface Channel {
  readonly limits: ChannelLimits;
  /**
   * Identifies the receiver without its secrets. The limits apply to all channels with this receiver together. If it is
   * absent, the limits apply to this channel.
   */
  readonly receiverId?: string;
  /**
   * Makes exactly one attempt, which has its own timeout. If `signal` aborts, the attempt ends at once with the
   * signal's reason; the message may have been delivered. No result contains the address or the secret of the channel.
   */
  send(message: ChannelMessage, signal?: AbortSignal): Promise<SendResult>;
}
