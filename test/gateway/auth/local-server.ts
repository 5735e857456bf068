import type { RequestListener } from 'node:http';
import { after, before } from 'node:test';
import { type Listener, listen } from '../../../runtime/listen.ts';

/** An HTTP server on 127.0.0.1 for the tests of one file. Each test may replace `handler`. */
export interface LocalServer {
  handler: RequestListener;
  /** The paths of the requests, in order. Tests may clear it. */
  paths: string[];
  origin(): string;
}

/** Starts a server before the tests of a file and stops it after them. */
export function localServer(): LocalServer {
  let listener: Listener | undefined;
  const server: LocalServer = {
    handler: (_request, response) => void response.end(),
    paths: [],
    origin: () => `http://127.0.0.1:${listener?.port}`,
  };
  before(async () => {
    listener = await listen(
      (request, response) => {
        server.paths.push(request.url ?? '');
        server.handler(request, response);
      },
      { host: '127.0.0.1', port: 0 },
    );
  });
  after(() => listener?.close(0));
  return server;
}
