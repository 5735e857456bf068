import type { IncomingHttpHeaders } from 'node:http';
import { bearerToken, fixedTokens } from '../../runtime/bearer-tokens.ts';

/** Whether a request may look at events, and replay them. */
export type IsOperator = (request: {
  readonly headers: IncomingHttpHeaders | Readonly<Record<string, string | string[] | undefined>>;
}) => boolean;

/**
 * Operators show one of the tokens as `Authorization: Bearer`. Without tokens, `open` decides: a gateway on loopback is
 * open to its user, any other lets nobody look.
 */
export function operators(tokens: readonly string[], open: boolean): IsOperator {
  if (tokens.length === 0) return () => open;
  const known = fixedTokens(tokens);
  return ({ headers }) => {
    const token = bearerToken(String(headers.authorization ?? ''));
    return token !== undefined && known.include(token);
  };
}
