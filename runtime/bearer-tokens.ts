import { createHash, timingSafeEqual } from 'node:crypto';
import { reloadedFile } from './reloaded-file.ts';

/** Shared secrets. Several are valid at the same time, so that they can be rotated. */
export interface BearerTokens {
  /** Returns true if the candidate is one of the tokens. The duration of the call reveals nothing about the tokens. */
  include(candidate: string): boolean;
}

/** Returns the token of an `Authorization: Bearer` header (RFC 6750 §2.1); undefined if there is none. */
export const readBearerToken = (authorization: string | undefined): string | undefined =>
  /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];

/** Splits a text into tokens, which are separated by white space or commas. */
export const splitTokens = (text: string): string[] => text.split(/[\s,]+/).filter((token) => token !== '');

/** Returns tokens that never change. */
export function fixedTokens(tokens: readonly string[]): BearerTokens {
  const digests = tokens.map(digestOf);
  return { include: (candidate) => isOneOf(digests, candidate) };
}

/** The minimum time between two checks of a token file, in ms. */
const FILE_CHECK_MS = 500;

/**
 * Returns the tokens of a file, which is read again after a change. If the file is unreadable or empty, the last tokens
 * stay valid.
 */
export function reloadedTokens(path: string, first: readonly string[]): BearerTokens {
  const digests = reloadedFile(path, {
    checkEveryMs: FILE_CHECK_MS,
    initialValue: first.map(digestOf),
    parse(text = '') {
      const tokens = splitTokens(text);
      if (tokens.length === 0) throw new Error('the file has no token');
      return tokens.map(digestOf);
    },
    onProblem: () => {},
  });
  return { include: (candidate) => isOneOf(digests(), candidate) };
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** All digests have the same length, and every digest is compared, so the time reveals nothing. */
function isOneOf(digests: readonly Buffer[], candidate: string): boolean {
  const digest = digestOf(candidate);
  return digests.reduce((found, known) => timingSafeEqual(known, digest) || found, false);
}
