import { createTunnelApi } from '../../ots/tunnel/api.ts';
import type { ChannelInfo, TunnelInfo } from '../../ots/tunnel/tunnel-info.ts';
import { CommandError, parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { took } from '../runs/durations.ts';
import { table } from '../table.ts';
import { openTarget, resolveTablestore } from '../tablestore-target.ts';

interface ChannelLine {
  readonly channel: string;
  readonly type: string;
  readonly status: string;
  readonly client: string;
  readonly consumed: string;
  readonly lagMs: number | undefined;
}

/** Shows the tunnel's channels: who has them, and how old what was consumed last is; answers the exit code. */
export async function showSource(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, { json: { type: 'boolean' } });
  const config = readCliConfig();
  const { sourceTable: tableName, sourceTunnel: name } = config;
  const target = resolveTablestore(config);
  const { endpoint, instance } = target.tablestore;
  const transport = openTarget(target);
  try {
    const found = await createTunnelApi(transport).describe(tableName, name);
    if (found === undefined)
      throw new CommandError(
        `there is no tunnel ${name} of table ${tableName}, instance ${instance} at ${endpoint}`,
      );
    const channels = found.channels.map((channel) => lineOf(channel, Date.now()));
    if (values.json === true) console.log(JSON.stringify({ ...summaryOf(found.tunnel), channels }));
    else {
      const { tunnel, type, stage, expired } = summaryOf(found.tunnel);
      console.log(`tunnel ${tunnel} of table ${tableName}: ${type}, ${stage}${expired ? ', EXPIRED' : ''}`);
      console.log(`instance ${instance} at ${endpoint}\n`);
      const rows = channels.map(({ channel, type: kind, status, client, consumed, lagMs }) => [
        ...[channel, kind, status, client || '-', consumed],
        lagMs === undefined ? '-' : took(lagMs),
      ]);
      for (const line of table([['channel', 'type', 'status', 'client', 'records', 'behind'], ...rows]))
        console.log(line);
    }
    return found.tunnel.expired === true ? 1 : 0;
  } finally {
    transport.close();
  }
}

const summaryOf = ({ tunnelName = '', tunnelId, tunnelType, stage, expired = false }: TunnelInfo) => ({
  ...{ tunnel: tunnelName, tunnelId, type: tunnelType, stage, expired },
});

/** The service tells the time up to which a channel was consumed, not how far it is behind. */
function lineOf(channel: ChannelInfo, now: number): ChannelLine {
  const {
    channelId,
    channelType = '',
    channelStatus = '',
    clientId = '',
    channelRpo,
    channelCount,
  } = channel;
  const consumedMs =
    channelRpo === undefined || channelRpo === 0n ? undefined : Number(channelRpo / 1_000_000n);
  return {
    ...{ channel: channelId, type: channelType, status: channelStatus, client: clientId },
    consumed: String(channelCount ?? 0n),
    lagMs: consumedMs === undefined ? undefined : Math.max(0, now - consumedMs),
  };
}
