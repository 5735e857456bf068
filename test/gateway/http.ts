import assert from 'node:assert/strict';
import { request } from 'node:http';

/** A request; the body goes as the bytes it is, with exactly these headers. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends a request to the gateway; header values are put on the wire as Latin-1, so they can hold any bytes. */
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

/** The bytes of a text in UTF-8 as a header value, the way senders that do not encode write them. */
export const rawUtf8 = (text: string): string => Buffer.from(text).toString('latin1');

/** Design §4: a success is an empty body that no Knative broker takes for a reply. */
export function assertTaken(answer: Answer, location?: string): void {
  assert.equal(answer.status, 202, answer.body);
  assert.equal(answer.body, '');
  assert.equal(answer.headers.location, location);
  for (const name of Object.keys(answer.headers)) assert.ok(!name.startsWith('ce-'), `${name} on a success`);
  assert.doesNotMatch(String(answer.headers['content-type'] ?? ''), /cloudevents/);
}

/** Design §4: one JSON object, under 768 bytes, `error` first. Answers the sentence. */
export function assertRefused(answer: Answer, status: number): string {
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
