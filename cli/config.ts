import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseUrl, type Environment, optionalText, readConfig, secret, text } from '../runtime/config.ts';
import { portOffset } from '../runtime/local-ports.ts';
import { zipNameSettings } from '../runtime/zip-name-settings.ts';

const settings = {
  home: optionalText('SLUICE_HOME'),
  portOffset,
  gateway: baseUrl('SLUICE_GATEWAY'),
  api: baseUrl('SLUICE_API'),
  temporalAddress: optionalText('SLUICE_TEMPORAL_ADDRESS'),
  temporalNamespace: optionalText('SLUICE_TEMPORAL_NAMESPACE'),
  apiToken: secret('SLUICE_API_TOKEN'),
  channelSecret: secret('SLUICE_CHANNEL_SECRET'),
  routes: optionalText('SLUICE_ROUTES'),
  sourceTable: text('SOURCE_TABLE', 'weather'),
  sourceTunnel: text('SOURCE_TUNNEL', 'sluice'),
  ossEndpoint: optionalText('OSS_ENDPOINT'),
  ossKeyId: optionalText('OSS_ACCESSKEYID'),
  ossKeySecret: secret('OSS_ACCESSKEYSECRET'),
  ...zipNameSettings,
};

/** The package's root: the nearest parent folder of this file with a package.json. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Reads the settings of the command. This is the only reader of the environment in cli/. */
export function readCliConfig(environment: Environment = process.env) {
  const config = readConfig(environment, settings);
  return { ...config, home: resolve(config.home ?? join(packageRoot, '.sluice')), environment };
}

export type CliConfig = ReturnType<typeof readCliConfig>;

function findPackageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackageRoot(dirname(folder));
}

/** Sets a variable for the process that this command runs, as if the environment had it. */
export function setVariable(name: string, value: string): void {
  process.env[name] = value;
}
