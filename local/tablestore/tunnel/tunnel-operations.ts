import type { LocalDatabase } from '../../database.ts';
import { parameterInvalid } from '../errors.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import { checkpoint, getCheckpoint, readRecords } from './channel-operations.ts';
import { connect, heartbeat, shutdown } from './client-operations.ts';
import { createTunnel } from './create-tunnel.ts';
import { describeTunnel, rpoInfos, tunnelInfo } from './describe-tunnel.ts';
import {
  type ChannelRequest,
  type CheckpointRequest,
  type ClientRequest,
  type ConnectRequest,
  type CreateRequest,
  type HeartbeatRequest,
  type NamedTunnel,
  type ReadRecordsRequest,
  type ScheduleRequest,
  type TunnelOperation,
  tunnelOperation,
} from './messages.ts';
import { scheduleChannels } from './schedule-channels.ts';
import {
  requireTable,
  type StreamTables,
  type TunnelContext,
  tunnelById,
  tunnelByName,
  tunnelsOf,
} from './tunnel-context.ts';
import { listByIndex, openTunnelDatabases, removeTunnel } from './tunnel-databases.ts';
import { createIds } from './tunnel-ids.ts';
import type { StoredTunnel } from './tunnel-records.ts';

/** What the tunnel service stands on; `clock` gives epoch ms, a `seed` makes ids repeat. */
export interface TunnelDeps {
  readonly changes: ChangeLog;
  readonly tables: StreamTables;
  readonly database: LocalDatabase;
  readonly clock: () => number;
  readonly instance: string;
  readonly seed?: number;
}

/** The Tunnel Service. */
export interface TunnelOperations {
  /** By path; each takes a request's body, answers the response's, and throws OtsError. */
  readonly operations: ReadonlyMap<string, TunnelOperation>;
  /** Makes the tunnels of a table, or the one of that name, expired, as if they had fallen behind the retention. */
  expire(table: string, tunnel?: string): void;
  /** Removes the tunnels of a table; for when the table is deleted. */
  drop(table: string): void;
}

/**
 * The Tunnel Service over a change log, its state in the tables `tunnel-…` of the database. Where the real service's
 * rules are not known, these hold: a checkpoint's number is the stored one plus one; a page has at most 500 records or
 * 900 KiB; channels are shared evenly, to within one; a client lives by its heartbeats alone, and its late checkpoints
 * are refused; TERMINATED is believed of a channel whose checkpoint says that it has ended; a channel that nothing
 * waits in is consumed until now; a tunnel that an operator made expired is so whatever its type.
 */
export function createTunnelOperations(parts: TunnelDeps): TunnelOperations {
  const { changes, database, clock, instance, seed } = parts;
  const tables = openTunnelDatabases(database);
  const context: TunnelContext = {
    ...{ changes, streams: parts.tables, tables, clock, instance, newId: createIds(seed) },
  };

  const operations = new Map<string, TunnelOperation>([
    [
      '/tunnel/create',
      tunnelOperation<CreateRequest, object>('CreateTunnel', (asked) => createTunnel(context, asked)),
    ],
    [
      '/tunnel/delete',
      tunnelOperation<NamedTunnel, object>('DeleteTunnel', (asked) => deleteTunnel(context, asked)),
    ],
    [
      '/tunnel/list',
      tunnelOperation<{ tableName?: string }, object>('ListTunnel', (asked) => listTunnels(context, asked)),
    ],
    [
      '/tunnel/describe',
      tunnelOperation<NamedTunnel, object>('DescribeTunnel', (asked) =>
        describeTunnel(context, requireNamedTunnel(context, asked)),
      ),
    ],
    [
      '/tunnel/connect',
      tunnelOperation<ConnectRequest, object>('Connect', (asked) => connect(context, asked)),
    ],
    [
      '/tunnel/heartbeat',
      tunnelOperation<HeartbeatRequest, object>('Heartbeat', (asked) => heartbeat(context, asked)),
    ],
    [
      '/tunnel/shutdown',
      tunnelOperation<ClientRequest, object>('Shutdown', (asked) => shutdown(context, asked)),
    ],
    [
      '/tunnel/getcheckpoint',
      tunnelOperation<ChannelRequest, object>('GetCheckpoint', (asked) => getCheckpoint(context, asked)),
    ],
    [
      '/tunnel/readrecords',
      tunnelOperation<ReadRecordsRequest, object>('ReadRecords', (asked) => readRecords(context, asked)),
    ],
    [
      '/tunnel/checkpoint',
      tunnelOperation<CheckpointRequest, object>('Checkpoint', (asked) => checkpoint(context, asked)),
    ],
    [
      '/tunnel/schedule',
      tunnelOperation<ScheduleRequest, object>('Schedule', (asked) => scheduleChannels(context, asked)),
    ],
    [
      '/tunnel/getrpo',
      tunnelOperation<{ tunnelId?: string }, object>('GetRpo', ({ tunnelId = '' }) =>
        rpoInfos(context, tunnelById(context, tunnelId)),
      ),
    ],
  ]);

  return {
    operations,
    expire(table, name) {
      const found = name === undefined ? tunnelsOf(context, table) : [tunnelByName(context, table, name)];
      tables.write(() => {
        for (const tunnel of found) tables.tunnels.putSync(tunnel.id, { ...tunnel, expired: true });
      });
    },
    drop(table) {
      tables.write(() => {
        for (const { value } of [...tables.tunnels.getRange({})])
          if (value.table === table) removeTunnel(tables, value.id);
      });
    },
  };
}

function deleteTunnel(context: TunnelContext, asked: NamedTunnel): object {
  const { id } = requireNamedTunnel(context, asked);
  context.tables.write(() => removeTunnel(context.tables, id));
  return {};
}

/** The tunnels of a table, or without its name (or with an empty one, as the Go client asks) all. */
function listTunnels(context: TunnelContext, { tableName = '' }: { readonly tableName?: string }): object {
  if (tableName !== '') requireTable(context, tableName);
  const tunnels = tunnelsOf(context, tableName === '' ? undefined : tableName);
  return {
    tunnels: tunnels.map((tunnel) => {
      const channels = listByIndex(context.tables.channels, tunnel.id);
      return tunnelInfo(context, { tunnel, channels, clients: [] });
    }),
  };
}

function requireNamedTunnel(
  context: TunnelContext,
  { tableName, tunnelName, tunnelId }: NamedTunnel,
): StoredTunnel {
  const tunnel = tunnelByName(context, tableName, tunnelName);
  if (tunnelId === undefined || tunnelId === '' || tunnelId === tunnel.id) return tunnel;
  throw parameterInvalid(
    `Tunnel ${tunnelName} of table ${tableName} with id ${tunnelId.slice(0, 80)} not exist.`,
  );
}
