import { createOssStore } from '../adapters/oss/oss-store.ts';
import type { ObjectRef, ObjectStore } from '../ports/object-store.ts';
import { CommandError, UsageError } from './command.ts';
import type { CliConfig } from './config.ts';
import { type Endpoints, liveEndpoints } from './endpoints-file.ts';

/** An OSS, and where its address comes from. */
export interface OssTarget {
  readonly endpoint: string;
  readonly keyId: string;
  readonly keySecret: string;
  readonly from: string;
}

/** The part of `--help` about the address of OSS. */
export const ossHelp = `
The address of OSS comes from a running \`sluice start\`, or from OSS_ENDPOINT, OSS_ACCESSKEYID and OSS_ACCESSKEYSECRET.`;

/** Uses a running `sluice start`, then the environment; undefined if there is neither. */
export function ossTarget(config: CliConfig, endpoints: Endpoints | undefined): OssTarget | undefined {
  if (endpoints !== undefined) {
    const from = `${config.home}/endpoints.json`;
    return { endpoint: endpoints.oss, keyId: 'local', keySecret: 'local-secret', from };
  }
  if (config.ossEndpoint === undefined) return undefined;
  const endpoint = /^https?:\/\//.test(config.ossEndpoint)
    ? config.ossEndpoint
    : `https://${config.ossEndpoint}`;
  return { endpoint, keyId: config.ossKeyId ?? '', keySecret: config.ossKeySecret, from: 'OSS_ENDPOINT' };
}

/**
 * Opens the store of the running `sluice start` or of the environment.
 * @throws CommandError if there is neither
 */
export function openOss(config: CliConfig): ObjectStore {
  const target = ossTarget(config, liveEndpoints(config.home));
  if (target === undefined) {
    throw new CommandError(
      'no `sluice start` is running, and OSS_ENDPOINT is not set; start it, or set OSS_ENDPOINT, OSS_ACCESSKEYID and OSS_ACCESSKEYSECRET',
    );
  }
  const { endpoint, keyId, keySecret } = target;
  return createOssStore({ endpoint, accessKeyId: keyId, accessKeySecret: keySecret, maxSockets: 16 });
}

/** Parses `oss://bucket/key`. For any other text, throws a `UsageError` that names the argument. */
export function parseOssUrl(argument: string, text: string): ObjectRef {
  const { bucket, key } = /^oss:\/\/(?<bucket>[^/]+)\/(?<key>.+)$/s.exec(text)?.groups ?? {};
  if (bucket !== undefined && key !== undefined) return { bucket, key };
  throw new UsageError(`${argument} is ${JSON.stringify(text)}; allowed: oss://<bucket>/<key>`);
}
