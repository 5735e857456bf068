import type { RequestHandler } from 'express';
import { fixedTokens, readBearerToken } from '../runtime/bearer-tokens.ts';
import { isLoopbackHost } from '../runtime/loopback-host.ts';
import { Problem } from './problem.ts';

/**
 * Lets those pass who show one of the tokens as `Authorization: Bearer`. Without tokens an api on loopback is open to
 * whoever asks it by a name of this machine, since a page of the web may have made another name lead here; any other lets
 * nobody pass.
 */
export function requireToken(tokens: readonly string[], loopback: boolean): RequestHandler {
  const known = fixedTokens(tokens);
  return ({ headers }, _res, next) => {
    if (tokens.length === 0 && loopback) {
      if (headers.host === undefined || isLoopbackHost(headers.host)) return next();
      const host = JSON.stringify(headers.host.slice(0, 200));
      throw new Problem('foreign-host', `this api is localhost, 127.0.0.1 or [::1], and no host ${host}`);
    }
    const token = readBearerToken(headers.authorization);
    if (token !== undefined && known.include(token)) return next();
    throw new Problem('unauthorized', 'runs are shown to those who have one of the api’s tokens', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  };
}
