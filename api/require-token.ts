import type { RequestHandler } from 'express';
import { fixedTokens, readBearerToken } from '../runtime/bearer-tokens.ts';
import { Problem } from './problem.ts';

/**
 * Requires one of the tokens as `Authorization: Bearer`. Without tokens, an api on loopback accepts all requests, and any
 * other api rejects all requests.
 */
export function requireToken(tokens: readonly string[], loopback: boolean): RequestHandler {
  const known = fixedTokens(tokens);
  return ({ headers }, _res, next) => {
    if (tokens.length === 0 && loopback) return next();
    const token = readBearerToken(headers.authorization);
    if (token !== undefined && known.include(token)) return next();
    throw new Problem('unauthorized', 'reading runs requires a token of SLUICE_API_TOKENS', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  };
}
