import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the server got. `body` is parsed. */
export interface SentRequest {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** An answer with an error, as the api sends it. */
export class Refusal {
  readonly status: number;
  readonly body: object;

  constructor(status: number, detail: string, more: object = {}) {
    this.status = status;
    this.body = { type: '/problems/x', title: 'A problem', status, detail, ...more };
  }
}

/** A server with fixed answers, for tests of what a command sends and prints. */
export interface AlertApi {
  readonly url: string;
  /** The requests since the last call of `answer`. */
  readonly requests: SentRequest[];
  /** Sets the bodies of answers by method and path. Undefined: 204. Other requests get 404. */
  answer(answers: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startAlertApi(): Promise<AlertApi> {
  let answers: Readonly<Record<string, unknown>> = {};
  const requests: SentRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const line = `${request.method} ${decodeURIComponent(request.url ?? '')}`;
    requests.push({ line, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) });
    const answer = Object.hasOwn(answers, line) ? answers[line] : new Refusal(404, 'there is no such path');
    if (answer instanceof Refusal) {
      response.writeHead(answer.status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(answer.body));
    } else if (answer === undefined) response.writeHead(204).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(next) {
      answers = next;
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
