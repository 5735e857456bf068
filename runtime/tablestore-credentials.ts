import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../domain/errors.ts';
import type { TablestoreConfig } from './tablestore-config.ts';

/** What signs requests; `securityToken` comes with temporary keys. */
export interface TablestoreKeys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** How often the file is looked at, at most, in ms. */
const LOOK_MS = 1_000;

/**
 * Keys from a file that may change at any time: it is read again when it did. While it cannot be read the last keys
 * stay.
 * @throws Error when it cannot be read the first time
 */
function credentialsFromFile(file: string, onProblem: (sentence: string) => void): () => TablestoreKeys {
  let current = read(file);
  let version = versionOf(file);
  let lookedAt = performance.now();
  return () => {
    if (performance.now() - lookedAt < LOOK_MS) return current;
    lookedAt = performance.now();
    try {
      const now = versionOf(file);
      if (now !== version) current = read(file);
      version = now;
    } catch (error) {
      onProblem(messageOf(error));
    }
    return current;
  };
}

/** A mounted secret is a link that is changed: its target's own times tell. */
function versionOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file);
  return `${ino}:${mtimeMs}:${size}`;
}

function read(file: string): TablestoreKeys {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : messageOf(error);
    throw new Error(`credentials file ${file}: ${why}`);
  }
  const { accessKeyId, accessKeySecret, securityToken } = (parsed ?? {}) as Record<string, unknown>;
  if (typeof accessKeyId !== 'string' || typeof accessKeySecret !== 'string')
    throw new Error(`credentials file ${file}: accessKeyId and accessKeySecret are not both there`);
  return { accessKeyId, accessKeySecret, ...(typeof securityToken === 'string' ? { securityToken } : {}) };
}

/** The keys of a configuration, asked for each time: from its file, or as they stand in it. */
export function tablestoreCredentials(
  { credentialsFile, accessKeyId, accessKeySecret }: TablestoreConfig,
  onProblem: (sentence: string) => void,
): () => TablestoreKeys {
  if (credentialsFile !== undefined) return credentialsFromFile(credentialsFile, onProblem);
  return () => ({ accessKeyId, accessKeySecret });
}
