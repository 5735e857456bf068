import { claimsOfOpenRuns } from '../../activities/unzip/claim-destination.ts';
import { ListMemory } from '../../activities/unzip/list-memory.ts';
import { removeClaimsAndRunObjects } from '../../activities/unzip/stored-claims.ts';
import { temporalRunControl } from '../../adapters/temporal/run-control.ts';
import { archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import { resolveTemporal, temporalOptions } from '../addresses.ts';
import { asUsage, CommandError, parseCommand, UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { openOss, parseOssUrl } from '../oss-target.ts';
import { withTemporal } from '../temporal-client.ts';

/** `sluice unzip release oss://bucket/unzip/path`: lets an archive with another key use the destination. */
export async function releaseDestination(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, temporalOptions, ['<destination>']);
  const { bucket, key } = parseOssUrl('<destination>', positionals[0] ?? '');
  const path = /^unzip\/(?<path>.+?)\/?$/s.exec(key)?.groups?.path;
  const keys = path === undefined ? undefined : asUsage(() => archiveKeysOf(bucket, `zip/${path}.zip`));
  if (path === undefined || keys === undefined)
    throw new UsageError(`<destination> is oss://${bucket}/${key}; allowed: oss://<bucket>/unzip/<path>`);
  const config = readCliConfig();
  const store = openOss(config);
  return await withTemporal(resolveTemporal(values, config), async ({ client }) => {
    const signal = AbortSignal.timeout(60_000);
    const archive = { ...keys, bucket, key: `zip/${path}.zip`, etag: '', size: 0 };
    const deps = { store, lists: new ListMemory(), runs: temporalRunControl(client) };
    const [open] = await claimsOfOpenRuns(deps, archive, signal);
    if (open !== undefined)
      throw new CommandError(
        `${keys.destination} is not released: run ${open.workflowId} is extracting oss://${bucket}/${open.key} to it`,
      );
    const existed = (await store.head({ bucket, key: keys.manifest }, signal)) !== undefined;
    await store.remove(bucket, [keys.manifest], signal);
    await removeClaimsAndRunObjects(store, archive, signal);
    console.log(
      existed
        ? `released ${keys.destination}: deleted the manifest oss://${bucket}/${keys.manifest}; the objects stay`
        : `${keys.destination} is free: it has no manifest`,
    );
    return 0;
  });
}
