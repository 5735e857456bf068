import type { IncomingHttpHeaders, RequestListener } from 'node:http';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Returns true if a `Host` header, with or without a port, names the local machine. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(host);

/** Returns true if only programs on this machine reach a server on this address (`SLUICE_HOST`). */
export const isLoopbackAddress = (host: string): boolean =>
  host === 'loopback' || host === '::1' || (isLoopbackHost(host) && !host.includes(':'));

/**
 * Returns why a service on loopback rejects a request; undefined if its `Host` names the local machine. The host name of a
 * web page can resolve to this machine (DNS rebinding). The browser then sends no `Origin`, but the page's own `Host`.
 */
export function foreignHostProblem({ host }: IncomingHttpHeaders): string | undefined {
  if (host === undefined || isLoopbackHost(host)) return undefined;
  const quoted = JSON.stringify(host.slice(0, 200));
  return `the Host header must be localhost, 127.x.x.x or [::1], but is ${quoted}`;
}

/** Answers 403 to requests with a foreign `Host`, if the server listens on `loopback`. Elsewhere every `Host` is valid. */
export function rejectForeignHosts(host: string, listener: RequestListener): RequestListener {
  if (host !== 'loopback') return listener;
  return (req, res) => {
    const problem = foreignHostProblem(req.headers);
    if (problem === undefined) return listener(req, res);
    res.writeHead(403, { 'Content-Type': 'application/json; charset=utf-8' });
    res.end(JSON.stringify({ error: problem }));
  };
}
