import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Problem } from './problem.ts';

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Lets those pass who show one of the tokens as `Authorization: Bearer`. Without tokens an api on loopback is open to
 * whoever asks it by a name of this machine, since a page of the web may have made another name lead here; any other lets
 * nobody pass.
 */
export function holdersOf(tokens: readonly string[], loopback: boolean): RequestHandler {
  const known = tokens.map(digest);
  return ({ headers }, _res, next) => {
    if (known.length === 0 && loopback) {
      if (headers.host === undefined || LOCAL.test(headers.host)) return next();
      const host = JSON.stringify(headers.host.slice(0, 200));
      throw new Problem('foreign-host', `this api is localhost, 127.0.0.1 or [::1], and no host ${host}`);
    }
    const [, token] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    const shown = token === undefined ? undefined : digest(token);
    const holds =
      shown !== undefined && known.reduce((one, each) => timingSafeEqual(each, shown) || one, false);
    if (holds) return next();
    throw new Problem('unauthorized', 'runs are shown to those who have one of the api’s tokens', {
      headers: { 'WWW-Authenticate': 'Bearer' },
    });
  };
}
