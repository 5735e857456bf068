import {
  baseUrl,
  type Environment,
  oneOf,
  optionalText,
  port,
  readConfig,
  type Setting,
  secret,
  text,
} from '../runtime/config.ts';
import { keptDaysSettings } from '../runtime/kept-days.ts';
import { localPorts, portOffset } from '../runtime/local-ports.ts';

export type LocalConfig = ReturnType<typeof readLocalConfig>;

/** Reads the settings of the local cloud. */
export function readLocalConfig(env: Environment = process.env) {
  const { portOffset: offset, ...config } = readConfig(env, {
    dir: {
      ...text('SLUICE_LOCAL_DIR', ''),
      allowed: 'a directory for the state of the local cloud',
      required: true,
    },
    portOffset,
    ossPort: ownPort('SLUICE_LOCAL_OSS_PORT'),
    tablestorePort: ownPort('SLUICE_LOCAL_TABLESTORE_PORT'),
    amapPort: ownPort('SLUICE_LOCAL_AMAP_PORT'),
    channelsPort: ownPort('SLUICE_LOCAL_CHANNELS_PORT'),
    ...keptDaysSettings,
    tablestoreInstance: text('TABLESTORE_INSTANCE', 'sluice-local'),
    gateway: baseUrl('SLUICE_LOCAL_GATEWAY'),
    rules: optionalText('SLUICE_LOCAL_RULES'),
    accessKeyId: text('OSS_ACCESSKEYID', 'local'),
    accessKeySecret: secret('OSS_ACCESSKEYSECRET', 'local-secret'),
    logLevel: oneOf('SLUICE_LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error'], 'info'),
  });
  const ports = localPorts(offset);
  return {
    ...config,
    ossPort: config.ossPort ?? ports.oss,
    tablestorePort: config.tablestorePort ?? ports.tablestore,
    amapPort: config.amapPort ?? ports.provider,
    channelsPort: config.channelsPort ?? ports.channels,
    gateway: config.gateway ?? `http://127.0.0.1:${ports.gateway}`,
  };
}

/** The port of one endpoint. If set, the port offset does not apply to it. */
const ownPort = (variable: string): Setting<number | undefined> => ({
  ...port(variable, 0),
  fallback: undefined,
});
