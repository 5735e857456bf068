import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Whether a request may look at events, and replay them. */
export type IsOperator = (request: {
  readonly headers: IncomingHttpHeaders | Readonly<Record<string, string | string[] | undefined>>;
}) => boolean;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Operators show one of the tokens as `Authorization: Bearer`. Without tokens, `open` decides: a gateway on loopback is
 * open to its user, any other lets nobody look.
 */
export function operators(tokens: readonly string[], open: boolean): IsOperator {
  const known = tokens.map(digest);
  if (known.length === 0) return () => open;
  return ({ headers }) => {
    const [, token] = /^bearer +(\S+) *$/i.exec(String(headers.authorization ?? '')) ?? [];
    if (token === undefined) return false;
    const shown = digest(token);
    return known.reduce((holds, one) => timingSafeEqual(one, shown) || holds, false);
  };
}
