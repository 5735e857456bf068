import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The code of an XML error, or ''. */
  readonly code: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  /** Sends the body in chunks without a length. */
  readonly chunked?: boolean;
}

/** Sends a request on a new connection, with an unmodified path. */
export function send(
  endpoint: string,
  path: string,
  { method = 'GET', headers = {}, body, chunked }: RawRequest = {},
) {
  const { hostname, port } = new URL(endpoint);
  const length =
    chunked || (body === undefined && method !== 'PUT')
      ? {}
      : { 'content-length': Buffer.byteLength(body ?? '') };
  return new Promise<RawAnswer>((resolve, reject) => {
    const sent = request(
      { hostname, port, path, method, headers: { ...length, ...headers }, agent: false, timeout: 10_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(chunks);
          const code = /<Code>(\w+)<\/Code>/.exec(whole.toString('latin1'))?.[1] ?? '';
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, code });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer within 10 s')));
    sent.on('error', reject);
    if (chunked) {
      const bytes = Buffer.from(body ?? '');
      for (let at = 0; at < bytes.length; at += 10_000) sent.write(bytes.subarray(at, at + 10_000));
      sent.end();
    } else {
      // The body is sent as bytes. Node.js would write a string together with the headers, and encode both as UTF-8.
      sent.end(Buffer.from(body ?? ''));
    }
  });
}
