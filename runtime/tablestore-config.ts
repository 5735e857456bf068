import { ConfigError, type Environment, optionalText, readConfig, secret, text, url } from './config.ts';

export type TablestoreConfig = ReturnType<typeof loadTablestoreConfig>;

/**
 * Where Tablestore is and who asks: from `TABLESTORE_…`, or from the original's secret in `ALITABLESTORE`. The keys have to
 * be there, unless a file has them.
 */
export function loadTablestoreConfig(env: Environment) {
  const all = { ...fromOriginal(env), ...given(env) };
  const required = all.SLUICE_TABLESTORE_CREDENTIALS === undefined;
  return readConfig(all, {
    endpoint: { ...url('TABLESTORE_ENDPOINT'), required: true },
    instance: { ...text('TABLESTORE_INSTANCE', ''), required: true, allowed: 'the instance’s name' },
    accessKeyId: { ...text('TABLESTORE_ACCESSKEYID', ''), required, allowed: KEYS },
    accessKeySecret: { ...secret('TABLESTORE_ACCESSKEYSECRET'), required, allowed: KEYS },
    /** A file with `{accessKeyId, accessKeySecret, securityToken?}` or the original secret's JSON, read again when it changes. */
    credentialsFile: optionalText('SLUICE_TABLESTORE_CREDENTIALS'),
  });
}

const KEYS =
  'both parts of an access key, here, in ALITABLESTORE, or in the file that SLUICE_TABLESTORE_CREDENTIALS names';

const given = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));

/** The original secret as if it had been given in single variables; the instance is the address's first part. */
function fromOriginal(env: Environment): Environment {
  const json = env.ALITABLESTORE;
  if (json === undefined || json === '') return {};
  try {
    const { url: address, accessKeyId, accessKeySecret } = JSON.parse(json) as Record<string, unknown>;
    if (isText(address) && isText(accessKeyId) && isText(accessKeySecret))
      return {
        TABLESTORE_ENDPOINT: address,
        TABLESTORE_INSTANCE: new URL(address).hostname.split('.')[0],
        TABLESTORE_ACCESSKEYID: accessKeyId,
        TABLESTORE_ACCESSKEYSECRET: accessKeySecret,
      };
  } catch {
    // It is told below, without what it says.
  }
  throw new ConfigError([
    'ALITABLESTORE is (a secret, not shown); allowed: JSON {"url", "accessKeyId", "accessKeySecret"}, none of them empty',
  ]);
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
