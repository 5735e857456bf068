import type { RequestHandler } from 'express';
import { fixedTokens, readBearerToken } from '../runtime/bearer-tokens.ts';
import { Problem } from './problem.ts';

/** What is protected by tokens: reading, and changing. */
export interface RequiredTokens {
  readonly toRead: RequestHandler;
  readonly toChange: RequestHandler;
}

/**
 * Requires tokens as `Authorization: Bearer`. Those in `apiTokens` may read and change, those in `readTokens` may only read.
 * If `openReads` is true, reading needs no token. A change always needs one.
 */
export function requireTokens({
  apiTokens,
  readTokens,
  openReads,
}: {
  readonly apiTokens: readonly string[];
  readonly readTokens: readonly string[];
  readonly openReads: boolean;
}): RequiredTokens {
  const [changers, readers] = [fixedTokens(apiTokens), fixedTokens(readTokens)];
  return {
    toRead({ headers }, _res, next) {
      const token = readBearerToken(headers.authorization);
      const isKnown = token !== undefined && (changers.include(token) || readers.include(token));
      if (openReads || isKnown) return next();
      throw unauthorized('this path requires a token of SLUICE_API_TOKENS or SLUICE_API_READ_TOKENS');
    },
    toChange({ headers }, _res, next) {
      const token = readBearerToken(headers.authorization);
      if (token !== undefined && changers.include(token)) return next();
      if (token !== undefined && readers.include(token))
        throw new Problem('forbidden', 'a token of SLUICE_API_READ_TOKENS may only read');
      throw unauthorized('a change requires a token of SLUICE_API_TOKENS');
    },
  };
}

const unauthorized = (detail: string): Problem =>
  new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': 'Bearer' } });
