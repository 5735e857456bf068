import type { RequestHandler } from 'express';
import { fixedTokens, readBearerToken } from '../runtime/bearer-tokens.ts';
import { isLoopbackHost } from '../runtime/loopback-host.ts';
import { Problem } from './problem.ts';

/**
 * Requires one of the tokens as `Authorization: Bearer`. Without tokens, an api on loopback accepts requests whose
 * `Host` is a name of this machine. It rejects requests with another `Host`, because a web page can make another name
 * point to loopback (DNS rebinding). Without tokens, any other api rejects all requests.
 */
export function requireToken(tokens: readonly string[], loopback: boolean): RequestHandler {
  const known = fixedTokens(tokens);
  return ({ headers }, _res, next) => {
    if (tokens.length === 0 && loopback) {
      if (headers.host === undefined || isLoopbackHost(headers.host)) return next();
      const host = JSON.stringify(headers.host.slice(0, 200));
      throw new Problem('foreign-host', `this api serves localhost, 127.0.0.1 and [::1], not host ${host}`);
    }
    const token = readBearerToken(headers.authorization);
    if (token !== undefined && known.include(token)) return next();
    throw new Problem('unauthorized', 'reading runs requires a token of SLUICE_API_TOKENS', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  };
}
