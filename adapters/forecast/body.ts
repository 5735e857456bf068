import type { Dispatcher } from 'undici';
import { ProviderFailed } from '../../domain/weather/provider-failure.ts';

/** Several times the longest answer that is asked for. */
const LONGEST_BYTES = 256 * 1_024;

/** What came back; its body as bytes. */
export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly bytes: Buffer;
}

/** Takes in the whole answer; an unreadable one, transient, where it is over 256 KiB. */
export async function readAnswer(answer: Dispatcher.ResponseData, subject: string): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop destroys the answer.
    if (length > LONGEST_BYTES) throw unreadable(subject, `is longer than ${LONGEST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return {
    status: answer.statusCode,
    retryAfter: first(answer.headers['retry-after']),
    bytes: Buffer.concat(chunks),
  };
}

/** The JSON of an answer; undefined where its bytes are none, as when they are compressed, for which nobody asked. */
export function jsonOf({ bytes }: HttpAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A failure, transient, of an answer that says nothing that can be understood. */
export const unreadable = (subject: string, why: string) =>
  new ProviderFailed({ class: 'transient', code: 'unreadable', reason: `${subject}: the answer ${why}` });

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
