import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** Shared secrets of which each is valid, so that they can be rotated. */
export interface Tokens {
  /** Whether the candidate is one of them; the time it takes tells nothing about them. */
  include(candidate: string): boolean;
}

/** How often a file of tokens is looked at, in milliseconds at least. */
const LOOK_MS = 500;

/** The tokens in a text: separated by white space or commas. */
export const tokensIn = (text: string): string[] => text.split(/[\s,]+/).filter((token) => token !== '');

/** Tokens that stay as they are. */
export function fixedTokens(tokens: readonly string[]): Tokens {
  const digests = tokens.map(digestOf);
  return { include: (candidate) => isOneOf(digests, candidate) };
}

/** Tokens in a file, read again when it has changed; where it is unreadable or empty the last good ones stay valid. */
export function tokensFile(path: string, first: readonly string[]): Tokens {
  let digests = first.map(digestOf);
  let version = versionOf(path);
  let looked = performance.now();
  const look = (): void => {
    if (performance.now() - looked < LOOK_MS) return;
    looked = performance.now();
    const now = versionOf(path);
    if (now === undefined || now === version) return;
    try {
      const tokens = tokensIn(readFileSync(path, 'utf8'));
      if (tokens.length > 0) digests = tokens.map(digestOf);
      version = now;
    } catch {
      // It went away since it was looked at: the next look finds it again.
    }
  };
  return {
    include(candidate) {
      look();
      return isOneOf(digests, candidate);
    },
  };
}

function versionOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat && `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Digests are of one length, and all of them are compared. */
function isOneOf(digests: readonly Buffer[], candidate: string): boolean {
  const digest = digestOf(candidate);
  return digests.reduce((found, known) => timingSafeEqual(known, digest) || found, false);
}
