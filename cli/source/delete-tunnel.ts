import { createTunnelApi } from '../../ots/tunnel/tunnel-api.ts';
import { UsageError } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { interactiveRetryLimits, resolveTablestore, withTablestore } from '../tablestore-target.ts';

/** Deletes the source's tunnel if `confirmed`; otherwise throws UsageError. Returns the exit code. */
export async function deleteTunnel(confirmed: boolean): Promise<number> {
  const config = readCliConfig();
  const { sourceTable: table, sourceTunnel: tunnel } = config;
  const target = resolveTablestore(config);
  const { endpoint, instance } = target.tablestore;
  const what = `tunnel ${tunnel} of table ${table}, instance ${instance} at ${endpoint} (${target.from})`;
  if (!confirmed) throw new UsageError(`this would delete ${what} with its checkpoints; confirm with --yes`);
  return withTablestore(target, what, async (transport) => {
    const tunnels = createTunnelApi(transport, undefined, interactiveRetryLimits);
    if ((await tunnels.describe(table, tunnel)) === undefined) {
      console.log(`${what} does not exist`);
      return 0;
    }
    await tunnels.delete(table, tunnel);
    console.log(`deleted ${what}`);
    return 0;
  });
}
