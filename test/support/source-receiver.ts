import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { undoAfter } from '../local/local-cloud.ts';

export interface ReceivedEvent {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A sink in the test's process. */
export interface Receiver {
  readonly url: string;
  /** All requests, in order. */
  readonly requests: readonly ReceivedEvent[];
  /** The requests that were answered with 202, in order. */
  readonly accepted: readonly ReceivedEvent[];
  /** Returns the HTTP status with which an event is answered. */
  answer: (event: ReceivedEvent) => number | Promise<number>;
  /** The body of all answers with another status than 202. */
  errorBody: string;
}

type Mutable = { -readonly [K in keyof Receiver]: Receiver[K] };

/** Starts a sink that accepts all events, with TLS if `tls` is given. The sink stops after the test. */
export async function startReceiver(
  t: TestContext,
  tls?: { readonly key: string; readonly cert: Buffer },
): Promise<Receiver> {
  const requests: ReceivedEvent[] = [];
  const accepted: ReceivedEvent[] = [];
  const receiver: Mutable = { url: '', requests, accepted, answer: () => 202, errorBody: '' };
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const event = { headers: request.headers, body: Buffer.concat(chunks) };
      requests.push(event);
      void Promise.resolve(receiver.answer(event)).then((status) => {
        if (status === 202) accepted.push(event);
        response.writeHead(status).end(status === 202 ? '' : receiver.errorBody);
      });
    });
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  undoAfter(t, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  receiver.url = tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
  return receiver;
}

/** Returns the adcodes of events, in order. */
export const adcodesOf = (events: readonly ReceivedEvent[]): string[] =>
  events.map(({ headers }) => decodeURIComponent(String(headers['ce-adcode'])));
