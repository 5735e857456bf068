import * as v from 'valibot';
import { baseUrl, type Environment, optionalText, readConfig, secret, setting, text } from './config.ts';

export type TablestoreConfig = ReturnType<typeof loadTablestoreConfig>;

/**
 * Reads the address and credentials of Tablestore from `TABLESTORE_…`, or from `ALITABLESTORE`, the secret of the
 * weather service that Sluice replaces. The keys are required unless a file contains them.
 */
export function loadTablestoreConfig(env: Environment) {
  const { fromOriginal } = readConfig(env, { fromOriginal: legacySecretSetting });
  const variables: Environment = { ...fromOriginal, ...nonEmptyVariables(env) };
  const required = variables.SLUICE_TABLESTORE_CREDENTIALS === undefined;
  return readConfig(variables, {
    endpoint: { ...baseUrl('TABLESTORE_ENDPOINT'), required: true },
    instance: { ...text('TABLESTORE_INSTANCE', ''), required: true, allowed: 'the instance’s name' },
    accessKeyId: { ...text('TABLESTORE_ACCESSKEYID', ''), required, allowed: KEYS_ALLOWED },
    accessKeySecret: { ...secret('TABLESTORE_ACCESSKEYSECRET'), required, allowed: KEYS_ALLOWED },
    /**
     * A file with `{accessKeyId, accessKeySecret, securityToken?}` or the JSON of `ALITABLESTORE`. It is read again
     * after changes.
     */
    credentialsFile: optionalText('SLUICE_TABLESTORE_CREDENTIALS'),
  });
}

const KEYS_ALLOWED =
  'both parts of an access key: in these variables, in ALITABLESTORE, or in the file that SLUICE_TABLESTORE_CREDENTIALS names';

const nonEmptyVariables = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));

const nonEmptyText = v.pipe(v.string(), v.nonEmpty());

/** Both parts of an access key. */
export const keyPair = { accessKeyId: nonEmptyText, accessKeySecret: nonEmptyText };

/** The secret of the weather service that Sluice replaces. The instance name is the first label of the host name. */
const legacySecret = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ url: v.pipe(nonEmptyText, v.url()), ...keyPair }),
  v.transform(
    ({ url: address, accessKeyId, accessKeySecret }): Environment => ({
      TABLESTORE_ENDPOINT: address,
      TABLESTORE_INSTANCE: new URL(address).hostname.split('.')[0],
      TABLESTORE_ACCESSKEYID: accessKeyId,
      TABLESTORE_ACCESSKEYSECRET: accessKeySecret,
    }),
  ),
);

const legacySecretSetting = {
  ...setting(
    'ALITABLESTORE',
    'JSON {"url", "accessKeyId", "accessKeySecret"}, all of them not empty',
    legacySecret,
    {},
  ),
  secret: true,
};
