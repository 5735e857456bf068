import { createTunnelApi } from '../../ots/tunnel/tunnel-api.ts';
import type { ChannelInfo, TunnelInfo } from '../../ots/tunnel/tunnel-info.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import { CommandError, parseCommand } from '../command.ts';
import { readCliConfig } from '../config.ts';
import { liveEndpoints } from '../endpoints-file.ts';
import { interactiveRetryLimits, resolveTablestore, withTablestore } from '../tablestore-target.ts';
import { alignColumns, durationText, printJson } from '../terminal-text.ts';

interface ChannelLine {
  readonly channel: string;
  readonly type: string;
  readonly status: string;
  readonly client: string;
  /** The number of consumed records. */
  readonly consumed: string;
  /** The age of the last consumed change: an estimate of the lag, because the service does not report the lag. */
  readonly lagMs: number | undefined;
  /** Why the channel is blocked; absent if it is not blocked. */
  readonly held?: string;
}

/**
 * Shows the tunnel's channels: their clients, and how long ago the last consumed change was committed. Returns the exit
 * code.
 */
export async function showSourceStatus(args: readonly string[]): Promise<number> {
  const { values } = parseCommand(args, { json: { type: 'boolean' } });
  const config = readCliConfig();
  const { sourceTable: tableName, sourceTunnel: tunnelName } = config;
  const target = resolveTablestore(config);
  const { endpoint, instance } = target.tablestore;
  const what = `tunnel ${tunnelName} of table ${tableName}, instance ${instance} at ${endpoint}`;
  const source = liveEndpoints(config.home)?.source;
  const blockedReasons = source === undefined ? new Map<string, string>() : await readBlockedChannels(source);
  return withTablestore(target, what, async (transport) => {
    const found = await createTunnelApi(transport, undefined, interactiveRetryLimits).describe(
      tableName,
      tunnelName,
    );
    if (found === undefined) throw new CommandError(`${what} does not exist`);
    const channels = found.channels.map((channel) => lineOf(channel, Date.now(), blockedReasons));
    if (values.json === true) printJson({ ...summaryOf(found.tunnel), channels }, '');
    else print(found.tunnel, channels, `table ${tableName}`, `instance ${instance} at ${endpoint}`);
    return found.tunnel.expired === true ? 1 : 0;
  });
}

function print(info: TunnelInfo, channels: readonly ChannelLine[], tableText: string, where: string): void {
  const { tunnel, type, stage, expired } = summaryOf(info);
  console.log(`tunnel ${tunnel} of ${tableText}: ${type}, ${stage}${expired ? ', EXPIRED' : ''}`);
  console.log(`${where}\n`);
  const rows = channels.map(({ channel, type: kind, status, client, consumed, lagMs }) => [
    ...[channel, kind, status, client || '-', consumed],
    lagMs === undefined ? '-' : durationText(lagMs),
  ]);
  for (const line of alignColumns([['channel', 'type', 'status', 'client', 'records', 'behind'], ...rows]))
    console.log(line);
  for (const { channel, held } of channels)
    if (held !== undefined) console.log(`\nchannel ${channel} is blocked: ${held}`);
}

const summaryOf = ({ tunnelName = '', tunnelId, tunnelType, stage, expired = false }: TunnelInfo) => ({
  ...{ tunnel: tunnelName, tunnelId, type: tunnelType, stage, expired },
});

function lineOf(channel: ChannelInfo, now: number, blockedReasons: ReadonlyMap<string, string>): ChannelLine {
  const {
    channelId,
    channelType = '',
    channelStatus = '',
    clientId = '',
    channelRpo,
    channelCount,
  } = channel;
  const held = blockedReasons.get(channelId);
  const consumedMs =
    channelRpo === undefined || channelRpo === 0n ? undefined : Number(channelRpo / 1_000_000n);
  return {
    ...{ channel: channelId, type: channelType, status: channelStatus, client: clientId },
    consumed: String(channelCount ?? 0n),
    lagMs: consumedMs === undefined ? undefined : Math.max(0, now - consumedMs),
    ...(held === undefined ? {} : { held }),
  };
}

const ANSWER_MS = 2_000;

/**
 * Reads from the source at `url` which channels are blocked, and why. Returns an empty map if the source does not
 * answer. The Tunnel Service cannot report this, because it does not know the sink.
 */
async function readBlockedChannels(url: string): Promise<ReadonlyMap<string, string>> {
  try {
    const limits = { timeoutMs: ANSWER_MS, maxBytes: 1_048_576 };
    const { body } = await sendHttp({ url: `${url}/status`, method: 'GET', ...limits });
    const { channels } = JSON.parse(body.toString()) as { channels: readonly SourceChannelStatus[] };
    return new Map(
      channels
        .filter(({ held }) => held)
        .map(({ id, reason }) => [id, reason ?? 'the sink rejects an event']),
    );
  } catch {
    return new Map();
  }
}

interface SourceChannelStatus {
  readonly id: string;
  /** True if the channel is blocked. */
  readonly held: boolean;
  readonly reason?: string;
}
