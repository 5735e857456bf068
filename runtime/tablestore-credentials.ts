import * as v from 'valibot';
import { messageOf } from '../domain/errors.ts';
import { ConfigError } from './config.ts';
import { reloadedFile } from './reloaded-file.ts';
import { keyPair, type TablestoreConfig } from './tablestore-config.ts';

/** The access key that signs requests. A temporary key also has a `securityToken`. */
export interface TablestoreKeys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** The minimum time between two checks of the file, in ms. */
const FILE_CHECK_MS = 1_000;

/**
 * Returns a function that returns the keys of a file. The file is read again after a change. While it cannot be read,
 * the last keys stay in use, and each problem is reported once.
 * @throws ConfigError if the file cannot be read the first time
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

/** An invalid security token is ignored. */
const keysSchema = v.object({ ...keyPair, securityToken: v.fallback(v.optional(v.string()), undefined) });

function parseKeys(text: string | undefined): TablestoreKeys {
  if (text === undefined) throw new Error('ENOENT: the file does not exist');
  const { success, output } = v.safeParse(keysSchema, parseJson(text));
  if (!success) throw new Error('accessKeyId and accessKeySecret are both required');
  const { securityToken, ...pair } = output;
  return securityToken ? { ...pair, securityToken } : pair;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of JSON.parse may contain a secret.
    throw new Error('it is not JSON');
  }
}

const invalidFileMessage = (file: string, error: unknown): string =>
  `SLUICE_TABLESTORE_CREDENTIALS names the file ${JSON.stringify(file)}: ${messageOf(error)}; allowed: JSON {"accessKeyId", "accessKeySecret", "securityToken"?}`;

/**
 * Returns a function that returns the current keys: from the file if there is one, otherwise from the settings.
 * @throws ConfigError for a file without keys
 */
export function tablestoreCredentials(
  { credentialsFile, accessKeyId, accessKeySecret }: TablestoreConfig,
  onProblem: (sentence: string) => void,
): () => TablestoreKeys {
  if (credentialsFile !== undefined) return credentialsFromFile(credentialsFile, onProblem);
  return () => ({ accessKeyId, accessKeySecret });
}
