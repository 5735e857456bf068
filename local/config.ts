import {
  type Environment,
  oneOf,
  optionalText,
  port,
  readConfig,
  secret,
  text,
  url,
} from '../runtime/config.ts';

export type LocalConfig = ReturnType<typeof readLocalConfig>;

/** Settings of the local cloud; the only place that knows its variables. */
export function readLocalConfig(env: Environment = process.env) {
  return readConfig(env, {
    dir: { ...text('SLUICE_LOCAL_DIR', ''), allowed: 'a directory for its state', required: true },
    ossPort: port('SLUICE_LOCAL_OSS_PORT', 9000),
    tablestorePort: port('SLUICE_LOCAL_TABLESTORE_PORT', 9001),
    amapPort: port('SLUICE_LOCAL_AMAP_PORT', 9002),
    tablestoreInstance: text('TABLESTORE_INSTANCE', 'sluice-local'),
    gateway: { ...url('SLUICE_LOCAL_GATEWAY'), fallback: 'http://127.0.0.1:8080' },
    rules: optionalText('SLUICE_LOCAL_RULES'),
    accessKeyId: text('OSS_ACCESSKEYID', 'local'),
    accessKeySecret: secret('OSS_ACCESSKEYSECRET', 'local-secret'),
    logLevel: oneOf('SLUICE_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
  });
}
