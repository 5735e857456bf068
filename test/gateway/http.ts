import assert from 'node:assert/strict';
import { request } from 'node:http';

/** A request. The body and the headers are sent exactly as given. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends a request to the gateway. Header values are sent as Latin-1, so they can contain any bytes. */
export function send(port: number, { method = 'POST', path = '/', headers = {}, body = '' }: Sent) {
  const bytes = Buffer.from(body as string);
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port, method, path, agent: false, timeout: 15_000 },
        headers: { 'content-length': bytes.length, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer within 15 s')));
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** Returns the UTF-8 bytes of a text as a header value, as senders without percent-encoding send them. */
export const rawUtf8 = (text: string): string => Buffer.from(text).toString('latin1');

/** Asserts that a success has an empty body and no headers that a Knative broker would read as a reply event. */
export function assertAccepted(answer: Answer, location?: string): void {
  assert.equal(answer.status, 202, answer.body);
  assert.equal(answer.body, '');
  assert.equal(answer.headers.location, location);
  for (const name of Object.keys(answer.headers)) assert.ok(!name.startsWith('ce-'), `${name} on a success`);
  assert.doesNotMatch(String(answer.headers['content-type'] ?? ''), /cloudevents/);
}

/** Asserts that a rejection is one JSON object under 768 bytes, with `error` first. Returns the sentence. */
export function assertRejected(answer: Answer, status: number): string {
  assert.equal(answer.status, status, answer.body);
  assert.match(String(answer.headers['content-type']), /^application\/json\b/);
  assert.ok(Buffer.byteLength(answer.body) < 768, `${Buffer.byteLength(answer.body)} bytes`);
  const body: unknown = JSON.parse(answer.body);
  assert.ok(typeof body === 'object' && body !== null && !Array.isArray(body));
  const [[name, sentence] = []] = Object.entries(body);
  assert.equal(name, 'error');
  assert.ok(typeof sentence === 'string' && sentence !== '');
  for (const header of Object.keys(answer.headers)) assert.ok(!header.startsWith('ce-'), header);
  return sentence;
}
