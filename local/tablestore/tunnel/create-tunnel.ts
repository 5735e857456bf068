import { parameterInvalid, tunnelExists } from '../errors.ts';
import type { CreateRequest } from './messages.ts';
import { newChannels } from './new-channels.ts';
import { startPosition } from './start-position.ts';
import { isCurrent, requireTable, type TunnelContext, tunnelsOf } from './tunnel-context.ts';
import { removeTunnel } from './tunnel-databases.ts';
import { unusedId } from './tunnel-ids.ts';
import type { StoredTunnel, StreamStart } from './tunnel-records.ts';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** Creates a tunnel with its channels, enables the table's stream if necessary, and returns the tunnel's id. */
export function createTunnel(context: TunnelContext, { tunnel }: CreateRequest): { tunnelId: string } {
  const { changes, tables, databases, clock, newId } = context;
  const { tableName: table, tunnelName: name, tunnelType: type } = tunnel;
  requireTable(context, table);
  const start = startOf(tunnel);
  checkTunnelName(context, table, name);
  // Every tunnel needs a stream, also a tunnel of base data. The stream's id shows later whether the table is still the
  // one that the tunnel was created for.
  const streamId = tables.streamId(table) ?? tables.enableStream(table);

  return databases.write(() => {
    for (const { value } of [...databases.tunnels.getRange({})])
      if (value.table === table && !isCurrent(tables, value)) removeTunnel(databases, value.id);
    const partitions = changes.partitions(table);
    const nowMs = clock();
    const stored: StoredTunnel = {
      ...{ id: unusedId(newId, (id) => databases.tunnels.doesExist(id)), name, table, type, streamId, start },
      ...{ createdMs: nowMs, expired: false },
      since: startPosition(start, {
        ...{ nowMs, expirationHours: tables.expirationHours(table) },
        newest: partitions.reduce((newest, { id }) => max(newest, newestOf(context, table, id)), 0n),
      }),
    };
    databases.tunnels.putSync(stored.id, stored);
    for (const channel of newChannels(stored, partitions, [], (id) => changes.latest(table, id)))
      databases.channels.putSync([stored.id, channel.id], channel);
    return { tunnelId: stored.id };
  });
}

const max = (one: bigint, other: bigint): bigint => (other > one ? other : one);

/** Returns the timestamp (µs) of the newest change. Dropped changes count as well. */
const newestOf = ({ changes }: TunnelContext, table: string, partition: string): bigint =>
  max(changes.latest(table, partition), changes.newestDropped(table, partition));

function checkTunnelName(context: TunnelContext, table: string, name: string): void {
  if (!NAME.test(name))
    throw parameterInvalid(
      `Tunnel name ${JSON.stringify(name.slice(0, 80))} is not 1 to 255 characters of A-Z a-z 0-9 _ -.`,
    );
  if (tunnelsOf(context, table).some((tunnel) => tunnel.name === name)) throw tunnelExists(table, name);
}

/** Returns the requested start. Throws for options that the stand-in does not support. */
function startOf(tunnel: CreateRequest['tunnel']): StreamStart | undefined {
  const { streamTunnelConfig: config, tunnelType } = tunnel;
  if (tunnel.needAllTimeSeriesColumns === true)
    throw parameterInvalid('Tunnels of time series tables are not supported.');
  if (config === undefined) return undefined;
  const { flag, startOffset, endOffset } = config;
  if (endOffset !== undefined && endOffset !== 0n)
    throw parameterInvalid(`End offset ${endOffset} is not supported: a tunnel has no end.`);
  if (tunnelType !== 'Stream' && (flag === 'EARLIEST' || (startOffset ?? 0n) !== 0n))
    throw parameterInvalid(`A ${tunnelType} tunnel cannot have a start: only a Stream tunnel can.`);
  return { flag, startOffset };
}
