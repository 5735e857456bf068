import * as v from 'valibot';
import { messageOf } from '../domain/errors.ts';
import { ConfigError } from './config.ts';
import { reloadedFile } from './reloaded-file.ts';
import { keyPair, type TablestoreConfig } from './tablestore-config.ts';

/** What signs requests; `securityToken` comes with temporary keys. */
export interface TablestoreKeys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** How often the file is looked at, at most, in ms. */
const FILE_CHECK_MS = 1_000;

/**
 * Keys from a file that may change at any time: it is read again when it did. While it cannot be read the last keys
 * stay, and each problem is told once.
 * @throws ConfigError when it cannot be read the first time
 */
function credentialsFromFile(file: string, onProblem: (sentence: string) => void): () => TablestoreKeys {
  const keys = reloadedFile(file, {
    checkEveryMs: FILE_CHECK_MS,
    parse: parseKeys,
    onProblem: (error) => onProblem(invalidFileMessage(file, error)),
  });
  try {
    keys();
  } catch (error) {
    throw new ConfigError([invalidFileMessage(file, error)]);
  }
  return keys;
}

/** What is no security token counts as none. */
const keysSchema = v.object({ ...keyPair, securityToken: v.fallback(v.optional(v.string()), undefined) });

function parseKeys(text: string | undefined): TablestoreKeys {
  if (text === undefined) throw new Error('ENOENT: there is no such file');
  const { success, output } = v.safeParse(keysSchema, parseJson(text));
  if (!success) throw new Error('accessKeyId and accessKeySecret are not both there');
  const { securityToken, ...pair } = output;
  return securityToken ? { ...pair, securityToken } : pair;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What JSON.parse says may quote a secret.
    throw new Error('it is not JSON');
  }
}

const invalidFileMessage = (file: string, error: unknown): string =>
  `SLUICE_TABLESTORE_CREDENTIALS names the file ${JSON.stringify(file)}: ${messageOf(error)}; allowed: JSON {"accessKeyId", "accessKeySecret", "securityToken"?}`;

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
