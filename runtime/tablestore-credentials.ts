import { readFileSync, statSync } from 'node:fs';
import * as v from 'valibot';
import { messageOf } from '../domain/errors.ts';
import { ConfigError } from './config.ts';
import { keyPair, type TablestoreConfig } from './tablestore-config.ts';

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
 * stay, and each problem is told once.
 * @throws ConfigError when it cannot be read the first time
 */
function credentialsFromFile(file: string, onProblem: (sentence: string) => void): () => TablestoreKeys {
  let current: TablestoreKeys;
  let version: string;
  let problem: string | undefined;
  let lookedAt = performance.now();
  try {
    version = versionOf(file);
    current = read(file);
  } catch (error) {
    throw new ConfigError([messageOf(error)]);
  }
  return () => {
    if (performance.now() - lookedAt < LOOK_MS) return current;
    lookedAt = performance.now();
    try {
      const now = versionOf(file);
      if (now !== version) current = read(file);
      version = now;
      problem = undefined;
    } catch (error) {
      if (problem !== messageOf(error)) onProblem(messageOf(error));
      problem = messageOf(error);
    }
    return current;
  };
}

/** A mounted secret is a link that is changed: its target's own times tell. */
function versionOf(file: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(file);
    return `${ino}:${mtimeMs}:${size}`;
  } catch (error) {
    throw refused(file, messageOf(error));
  }
}

function read(file: string): TablestoreKeys {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw refused(file, error instanceof SyntaxError ? 'it is not JSON' : messageOf(error));
  }
  const { success, output } = v.safeParse(keys, parsed);
  if (!success) throw refused(file, 'accessKeyId and accessKeySecret are not both there');
  const { securityToken, ...pair } = output;
  return securityToken ? { ...pair, securityToken } : pair;
}

/** What is no security token counts as none. */
const keys = v.object({ ...keyPair, securityToken: v.fallback(v.optional(v.string()), undefined) });

const refused = (file: string, why: string): Error =>
  new Error(
    `SLUICE_TABLESTORE_CREDENTIALS names the file ${JSON.stringify(file)}: ${why}; allowed: JSON {"accessKeyId", "accessKeySecret", "securityToken"?}`,
  );

/**
 * The keys of a configuration, asked for each time: from its file, or as they stand in it.
 * @throws ConfigError for a file without keys
 */
export function tablestoreCredentials(
  { credentialsFile, accessKeyId, accessKeySecret }: TablestoreConfig,
  onProblem: (sentence: string) => void,
): () => TablestoreKeys {
  if (credentialsFile !== undefined) return credentialsFromFile(credentialsFile, onProblem);
  return () => ({ accessKeyId, accessKeySecret });
}
