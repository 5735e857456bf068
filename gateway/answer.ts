import type { Response } from 'express';

/** An HTTP answer; `error` is the one sentence of the body, absent where the body is empty. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly error?: string;
}

/** Seconds after which a sender should come again. */
export const RETRY_AFTER = '2';

/** Knative's dispatcher panics on longer error bodies when a dead letter sink is set. */
const ERROR_BYTES = 768;

/** Writes the answer: an empty body, or one JSON object with the sentence, under 768 bytes. */
export function answer(res: Response, { status, headers = {}, error }: Reply): void {
  res.status(status).set(headers);
  if (error === undefined) {
    res.end();
    return;
  }
  let text = error.slice(0, ERROR_BYTES);
  while (Buffer.byteLength(JSON.stringify({ error: text })) >= ERROR_BYTES)
    text = `${text.slice(0, text.length * 0.9)}…`;
  res.json({ error: text });
}
