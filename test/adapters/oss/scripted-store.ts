import type { IncomingMessage, ServerResponse } from 'node:http';
import { createOssStore } from '../../../adapters/oss/oss-store.ts';
import { listen } from '../../../runtime/listen.ts';

/** Answers one request. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** The object of these tests, a version of it, and a slice of that version. */
export const ref = { bucket: 'eb-ask', key: 'zip/a.zip' };
export const CONTENT = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');
export const version = { ...ref, etag: 'ABC', size: CONTENT.length };
export const range = { start: 10, end: 20 };

/** The headers of the correct answer to a request for `range` of `version`. */
export const CORRECT_HEADERS = { 'content-range': 'bytes 10-19/36', etag: '"ABC"', 'content-length': '10' };

/**
 * A store whose server answers each request over a real socket, with the function that the test has passed to `answer`.
 */
export async function startScriptedStore() {
  let answering: Answering = (_, response) => void response.writeHead(500).end();
  const requests: IncomingMessage[] = [];
  const listener = await listen(
    (request, response) => {
      requests.push(request);
      answering(request, response);
    },
    { host: 'loopback', port: 0 },
  );
  const key = { accessKeyId: 'local', accessKeySecret: 'local-secret' };
  return {
    store: createOssStore({ endpoint: `http://localhost:${listener.port}`, ...key, maxSockets: 4 }),
    requests,
    answer(next: Answering): void {
      requests.length = 0;
      answering = next;
    },
    stop: () => listener.close(0),
  };
}

/** An OSS error in the service's format. */
export function ossError(
  status: number,
  code: string,
  {
    message = 'said by the store',
    headers = {},
  }: { message?: string; headers?: Record<string, string> } = {},
): Answering {
  const body =
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>` +
    '<RequestId>5C3D9175B6FC201293AD</RequestId><HostId>eb-ask.localhost</HostId></Error>';
  return (request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/xml', ...headers });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  };
}

/** Reads to the end. */
export async function readAll(slices: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of slices) chunks.push(chunk);
  return Buffer.concat(chunks);
}
