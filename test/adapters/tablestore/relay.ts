import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

interface Reply {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Relay {
  readonly endpoint: string;
  /** The received requests. */
  readonly received: { readonly path: string; readonly body: Buffer }[];
  connections(): number;
}

/**
 * A proxy between a client and a Tablestore. It records requests and counts connections, and `changeAnswer` can change
 * an answer.
 */
export async function startRelay(
  t: TestContext,
  target: string,
  changeAnswer: (answer: Reply) => Reply = (answer) => answer,
): Promise<Relay> {
  const received: { path: string; body: Buffer }[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const [path, body] = [incoming.url ?? '', await buffer(incoming)];
    received.push({ path, body });
    const forwarded = request(`${target}${path}`, { method: 'POST', headers: incoming.headers });
    forwarded.end(body);
    const [answer] = await once(forwarded, 'response');
    const reply = changeAnswer({
      status: answer.statusCode,
      headers: answer.headers,
      body: await buffer(answer),
    });
    response
      .writeHead(reply.status, { ...reply.headers, 'content-length': reply.body.length })
      .end(reply.body);
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, received, connections: () => connections };
}
