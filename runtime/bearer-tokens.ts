import { createHash, timingSafeEqual } from 'node:crypto';
import { reloadedFile } from './reloaded-file.ts';

/** Shared secrets of which each is valid, so that they can be rotated. */
export interface BearerTokens {
  /** Whether the candidate is one of them; the time it takes tells nothing about them. */
  include(candidate: string): boolean;
}

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1); undefined where it has none. */
export const readBearerToken = (authorization: string | undefined): string | undefined =>
  /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];

/** The tokens in a text: separated by white space or commas. */
export const splitTokens = (text: string): string[] => text.split(/[\s,]+/).filter((token) => token !== '');

/** Tokens that stay as they are. */
export function fixedTokens(tokens: readonly string[]): BearerTokens {
  const digests = tokens.map(digestOf);
  return { include: (candidate) => isOneOf(digests, candidate) };
}

/** How often a file of tokens is looked at, at most, in ms. */
const FILE_CHECK_MS = 500;

/** Tokens in a file, read again when it has changed; where it is unreadable or empty the last good ones stay valid. */
export function reloadedTokens(path: string, first: readonly string[]): BearerTokens {
  const digests = reloadedFile(path, {
    checkEveryMs: FILE_CHECK_MS,
    initialValue: first.map(digestOf),
    parse(text = '') {
      const tokens = splitTokens(text);
      if (tokens.length === 0) throw new Error('it has no token');
      return tokens.map(digestOf);
    },
    onProblem: () => {},
  });
  return { include: (candidate) => isOneOf(digests(), candidate) };
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Digests are of one length, and all of them are compared. */
function isOneOf(digests: readonly Buffer[], candidate: string): boolean {
  const digest = digestOf(candidate);
  return digests.reduce((found, known) => timingSafeEqual(known, digest) || found, false);
}
