import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { messageOf } from '../domain/errors.ts';
import { trimEndOf } from '../domain/trim-characters.ts';
import { CommandError, UsageError } from './command.ts';
import type { CliConfig } from './config.ts';
import { type Endpoints, liveEndpoints } from './endpoints-file.ts';

/** The option that selects the gateway. */
export const gatewayOption = { gateway: { type: 'string' } } as const;
/** The options that select Temporal. */
export const temporalOptions = { address: { type: 'string' }, namespace: { type: 'string' } } as const;

/** The part of `--help` about addresses. */
export const addressHelp = `
Addresses come from, in this order: options; SLUICE_GATEWAY, SLUICE_TEMPORAL_ADDRESS and SLUICE_TEMPORAL_NAMESPACE; a
running \`sluice start\` (endpoints.json in SLUICE_HOME); TEMPORAL_* as for the Temporal CLI; defaults.`;

/** The gateway's address, and where the address comes from. */
export interface GatewayTarget {
  readonly url: string;
  readonly from: string;
}

/** Temporal's address and connection options, and where they come from. */
export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly connection: ConnectionOptions;
  readonly from: string;
}

/** Uses, in this order: option, SLUICE_GATEWAY, a running `sluice start`, the default. */
export function resolveGateway(
  flags: { readonly gateway?: string | undefined },
  config: CliConfig,
  endpoints: Endpoints | undefined = liveEndpoints(config.home),
): GatewayTarget {
  if (flags.gateway !== undefined) return { url: httpAddress(flags.gateway), from: '--gateway' };
  if (config.gateway !== undefined) return { url: config.gateway, from: 'SLUICE_GATEWAY' };
  if (endpoints !== undefined) return { url: endpoints.gateway, from: `${config.home}/endpoints.json` };
  return { url: 'http://127.0.0.1:8080', from: 'the default' };
}

/**
 * Uses, in this order: options, SLUICE_TEMPORAL_*, a running `sluice start`, TEMPORAL_* (with profile, TLS and keys),
 * the default. An address from an option or SLUICE_TEMPORAL_ADDRESS still uses the TLS settings and keys of TEMPORAL_*,
 * as in the Temporal CLI.
 */
export function resolveTemporal(
  flags: { readonly address?: string | undefined; readonly namespace?: string | undefined },
  config: CliConfig,
  endpoints: Endpoints | undefined = liveEndpoints(config.home),
): TemporalTarget {
  const explicitAddress = flags.address ?? config.temporalAddress;
  const namespace = flags.namespace ?? config.temporalNamespace;
  if (explicitAddress === undefined && endpoints !== undefined) {
    const address = endpoints.temporal;
    const from = `${config.home}/endpoints.json`;
    return { address, namespace: namespace ?? 'default', connection: { address }, from };
  }
  const loaded = loadTemporalSettings(config);
  const address = explicitAddress ?? loaded.connectionOptions.address;
  return {
    address: address ?? 'localhost:7233',
    namespace: namespace ?? loaded.namespace ?? 'default',
    connection: { ...loaded.connectionOptions, address: address ?? 'localhost:7233' },
    from: addressOrigin(flags.address, explicitAddress, address),
  };
}

function addressOrigin(
  flag: string | undefined,
  explicitAddress: string | undefined,
  address: string | undefined,
): string {
  if (flag !== undefined) return '--address';
  if (explicitAddress !== undefined) return 'SLUICE_TEMPORAL_ADDRESS';
  return address === undefined ? 'the default' : "TEMPORAL_* or the Temporal CLI's configuration file";
}

function loadTemporalSettings(config: CliConfig) {
  const set = Object.entries(config.environment).flatMap(([name, value]) =>
    value ? [[name, value] as const] : [],
  );
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  } catch (error) {
    throw new CommandError(`the settings TEMPORAL_* are invalid: ${messageOf(error)}`, { cause: error });
  }
}

function httpAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`--gateway is ${JSON.stringify(text)}; allowed: an http:// or https:// address`);
  }
  return trimEndOf(text, '/');
}
