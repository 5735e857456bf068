import { randomInt } from 'node:crypto';
import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { messageOf } from '../../domain/errors.ts';
import { foreignPageProblem } from '../../domain/web-page.ts';
import { type Listener, listen } from '../../runtime/listen.ts';
import { foreignHostProblem } from '../../runtime/loopback-host.ts';

/** The address of Temporal's UI server, behind the guard. */
export interface UiAddress {
  readonly ip: string;
  readonly port: number;
}

/**
 * Returns an address on loopback that a web page cannot guess. Only Linux has more than one loopback address without
 * further set-up. On other systems, only the port is random.
 */
export function randomUiAddress(): UiAddress {
  const part = (): number => randomInt(1, 255);
  const ip = process.platform === 'linux' ? `127.${part()}.${part()}.${part()}` : '127.0.0.1';
  // The system uses higher ports for outgoing connections.
  return { ip, port: randomInt(20_000, 32_000) };
}

const READ_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Returns why a request to Temporal's UI is rejected; undefined if it is allowed. The UI server checks neither `Host` nor
 * `Origin`. A web page could use it through DNS rebinding, and a page of another local server could send it requests.
 */
export function uiRequestProblem(method: string, headers: IncomingHttpHeaders): string | undefined {
  const problem = foreignHostProblem(headers);
  if (problem !== undefined || READ_METHODS.includes(method)) return problem;
  return foreignPageProblem(method, headers, "Temporal's UI");
}

/** The maximum number of connections to the UI server. */
const MAX_CONNECTIONS = 64;

/** The UI server answers a request within this time, in ms, or the guard answers 502. */
const ANSWER_MS = 30_000;

/**
 * Serves Temporal's UI on `port` of loopback. Requests that `uiRequestProblem` rejects get 403. The others go to the
 * address that `uiAddress` returns.
 */
export function serveTemporalUi(port: number, uiAddress: () => UiAddress | undefined): Promise<Listener> {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  return listen(
    (incoming, response) => {
      const problem = uiRequestProblem(incoming.method ?? '', incoming.headers);
      const address = uiAddress();
      if (problem !== undefined) answer(response, 403, problem);
      else if (address === undefined) answer(response, 503, 'Temporal is not started');
      else
        try {
          forward(incoming, response, address, agent);
        } catch (error) {
          // A request with a header that Node.js does not send must not end the supervisor.
          answer(response, 400, `the request cannot be forwarded: ${messageOf(error, 200)}`);
        }
    },
    { host: 'loopback', port },
  );
}

/** Headers that are about one connection (RFC 9110, 7.6.1), and `expect`, which the server of the guard has answered. */
const HOP_HEADERS = new Set(
  'connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer upgrade'.split(
    ' ',
  ),
);

const endToEndHeaders = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name)));

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  { ip: host, port }: UiAddress,
  agent: Agent,
): void {
  const { method, url: path } = incoming;
  const headers = endToEndHeaders(incoming.headers);
  const forwarded = request({ host, port, method, path, headers, agent, timeout: ANSWER_MS }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, endToEndHeaders(answered.headers));
    // `pipeline` ends both sides if one of them ends early.
    pipeline(answered, response, () => {});
  });
  forwarded.on('timeout', () => forwarded.destroy(new Error(`no answer within ${ANSWER_MS / 1_000} s`)));
  forwarded.on('error', ({ message }) => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, `Temporal's UI does not answer: ${message}`);
  });
  response.on('close', () => forwarded.destroy());
  pipeline(incoming, forwarded, () => {});
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${sentence}\n`);
}
