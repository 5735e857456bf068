import type { RequestHandler } from 'express';
import { foreignHostProblem, isLoopbackHost } from '../../runtime/loopback-host.ts';
import { sendReply } from './replies.ts';

const HTTP_SCHEME = /^https?:\/\//i;

const isLoopbackOrigin = (origin: string): boolean =>
  HTTP_SCHEME.test(origin) && isLoopbackHost(origin.replace(HTTP_SCHEME, ''));

/**
 * Rejects requests from web pages. A gateway on loopback may require no credentials. Then a web page in a browser on
 * the same machine could send events to it. Browsers send `Origin` with such requests; other senders of events do not.
 */
export const rejectCrossSiteRequests: RequestHandler = ({ headers }, res, next) => {
  const { origin } = headers;
  const reject = (error: string): void => sendReply(res, { status: 403, error });
  if (origin !== undefined && !isLoopbackOrigin(origin))
    reject(`web pages of ${quoted(origin)} may not send requests to this gateway`);
  else if (headers['sec-fetch-site'] === 'cross-site')
    reject('web pages of other sites may not send requests to this gateway');
  else next();
};

/**
 * Prevents reads through DNS rebinding. In this attack, the host name of a web page resolves to this machine. The
 * browser then treats a request to the gateway as a request to the page's own site, and sends no `Origin`. But the
 * `Host` header still has the host name of the page, so this check rejects it. The event paths do not use this check:
 * other senders may reach the gateway by any host name.
 */
export const rejectForeignHostHeader: RequestHandler = ({ headers }, res, next) => {
  const problem = foreignHostProblem(headers);
  if (problem === undefined) next();
  else sendReply(res, { status: 403, error: problem });
};

const quoted = (text: string): string => JSON.stringify(text.slice(0, 200));
