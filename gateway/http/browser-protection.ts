import type { RequestHandler } from 'express';
import { isLoopbackHost } from '../../runtime/loopback-host.ts';
import { sendReply } from './replies.ts';

const HTTP_SCHEME = /^https?:\/\//i;

const isLoopbackOrigin = (origin: string): boolean =>
  HTTP_SCHEME.test(origin) && isLoopbackHost(origin.replace(HTTP_SCHEME, ''));

/**
 * Keeps pages of the web out of a gateway that is open because it listens on loopback only: a browser on the same
 * machine would send for them. Senders of events have no `Origin`.
 */
export const rejectCrossSiteRequests: RequestHandler = ({ headers }, res, next) => {
  const { origin } = headers;
  const refuse = (error: string): void => sendReply(res, { status: 403, error });
  if (origin !== undefined && !isLoopbackOrigin(origin))
    refuse(`pages of ${quoted(origin)} may not send here`);
  else if (headers['sec-fetch-site'] === 'cross-site') refuse('pages of other sites may not send here');
  else next();
};

/**
 * Keeps out who would read: a page whose host's name was made to lead here (DNS rebinding) has no `Origin` when it asks
 * its "own" host, and its `Host` is what gives it away. Those who only send events may call us what they like.
 */
export const rejectForeignHostHeader: RequestHandler = ({ headers: { host } }, res, next) => {
  if (host === undefined || isLoopbackHost(host)) next();
  else
    sendReply(res, {
      status: 403,
      error: `this gateway is localhost, 127.0.0.1 or [::1], and no host ${quoted(host)}`,
    });
};

const quoted = (text: string): string => JSON.stringify(text.slice(0, 200));
