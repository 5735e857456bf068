import { ConfigError, type Environment, optionalText, readConfig, secret, text, url } from './config.ts';

export type TablestoreConfig = ReturnType<typeof loadTablestoreConfig>;

/** Where Tablestore is and who asks: from `TABLESTORE_…`, or from the original's secret in `ALITABLESTORE`. */
export function loadTablestoreConfig(env: Environment) {
  const original = fromOriginal(env);
  const config = readConfig(
    { ...original, ...given(env) },
    {
      endpoint: { ...url('TABLESTORE_ENDPOINT'), required: true },
      instance: { ...text('TABLESTORE_INSTANCE', ''), required: true, allowed: 'the instance’s name' },
      accessKeyId: text('TABLESTORE_ACCESSKEYID', ''),
      accessKeySecret: secret('TABLESTORE_ACCESSKEYSECRET'),
      /** A file with `{accessKeyId, accessKeySecret, securityToken?}` or the original secret's JSON, read again when it changes. */
      credentialsFile: optionalText('SLUICE_TABLESTORE_CREDENTIALS'),
    },
  );
  return config;
}

const given = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));

/** The original secret as if it had been given in single variables; the instance is the address's first part. */
function fromOriginal(env: Environment): Environment {
  const json = env.ALITABLESTORE;
  if (json === undefined || json === '') return {};
  const problem =
    'ALITABLESTORE is (a secret, not shown); allowed: JSON {"url", "accessKeyId", "accessKeySecret"}';
  try {
    const { url: address, accessKeyId, accessKeySecret } = JSON.parse(json) as Record<string, unknown>;
    if (typeof address !== 'string' || typeof accessKeyId !== 'string' || typeof accessKeySecret !== 'string')
      throw new ConfigError([problem]);
    return {
      TABLESTORE_ENDPOINT: address,
      TABLESTORE_INSTANCE: new URL(address).hostname.split('.')[0],
      TABLESTORE_ACCESSKEYID: accessKeyId,
      TABLESTORE_ACCESSKEYSECRET: accessKeySecret,
    };
  } catch {
    throw new ConfigError([problem]);
  }
}
