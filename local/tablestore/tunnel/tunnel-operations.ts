import type { LocalDatabase } from '../../database.ts';
import { parameterInvalid } from '../errors.ts';
import type { ChangeLog } from '../storage/change-log.ts';
import { checkpoint, getCheckpoint, readRecords } from './channel-operations.ts';
import { connect, heartbeat, shutdown } from './client-operations.ts';
import { createTunnel } from './create-tunnel.ts';
import { describeTunnel, recoveryPointInfos, tunnelInfo } from './describe-tunnel.ts';
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
import { setChannelStatus } from './set-channel-status.ts';
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

/** The dependencies of the Tunnel Service. `clock` returns epoch ms. A `seed` makes ids reproducible. */
export interface TunnelDeps {
  readonly changes: ChangeLog;
  readonly tables: StreamTables;
  readonly database: LocalDatabase;
  readonly clock: () => number;
  readonly instance: string;
  readonly seed?: number;
}

export interface TunnelOperations {
  /** Operations by path. Each takes the body of a request, returns the body of the response, and throws OtsError. */
  readonly operations: ReadonlyMap<string, TunnelOperation>;
  /**
   * Expires all tunnels of a table, or only the named one. This simulates that the service dropped changes before the tunnels
   * consumed them.
   */
  expire(table: string, tunnel?: string): void;
  /** Removes the tunnels of a table when the table is deleted. */
  drop(table: string): void;
}

/**
 * Creates the Tunnel Service over a change log. Its state is in the LMDB databases `tunnel-…`. Some rules of
 * the real service are undocumented. The stand-in uses these:
 * - The sequence number of a checkpoint is the stored one plus one.
 * - A page has at most 500 records or 900 KiB.
 * - Channels are balanced: the numbers of channels of any two clients differ by at most one.
 * - Only heartbeats keep a client connected. Checkpoints of a disconnected client are answered with an error.
 * - If a client reports a channel as TERMINATED, its checkpoint must be FINISHED. Otherwise the channel becomes CLOSE.
 * - The recovery point of a channel without pending records is the current time.
 * - An operator can make a tunnel of any type expire.
 */
export function createTunnelOperations(deps: TunnelDeps): TunnelOperations {
  const { changes, database, clock, instance, seed } = deps;
  const databases = openTunnelDatabases(database);
  const context: TunnelContext = {
    ...{ changes, tables: deps.tables, databases, clock, instance, newId: createIds(seed) },
  };

  const operations = new Map<string, TunnelOperation>([
    [
      '/tunnel/create',
      tunnelOperation<CreateRequest, object>('CreateTunnel', (request) => createTunnel(context, request)),
    ],
    [
      '/tunnel/delete',
      tunnelOperation<NamedTunnel, object>('DeleteTunnel', (request) => deleteTunnel(context, request)),
    ],
    [
      '/tunnel/list',
      tunnelOperation<{ tableName?: string }, object>('ListTunnel', (request) =>
        listTunnels(context, request),
      ),
    ],
    [
      '/tunnel/describe',
      tunnelOperation<NamedTunnel, object>('DescribeTunnel', (request) =>
        describeTunnel(context, requireNamedTunnel(context, request)),
      ),
    ],
    [
      '/tunnel/connect',
      tunnelOperation<ConnectRequest, object>('Connect', (request) => connect(context, request)),
    ],
    [
      '/tunnel/heartbeat',
      tunnelOperation<HeartbeatRequest, object>('Heartbeat', (request) => heartbeat(context, request)),
    ],
    [
      '/tunnel/shutdown',
      tunnelOperation<ClientRequest, object>('Shutdown', (request) => shutdown(context, request)),
    ],
    [
      '/tunnel/getcheckpoint',
      tunnelOperation<ChannelRequest, object>('GetCheckpoint', (request) => getCheckpoint(context, request)),
    ],
    [
      '/tunnel/readrecords',
      tunnelOperation<ReadRecordsRequest, object>('ReadRecords', (request) => readRecords(context, request)),
    ],
    [
      '/tunnel/checkpoint',
      tunnelOperation<CheckpointRequest, object>('Checkpoint', (request) => checkpoint(context, request)),
    ],
    [
      '/tunnel/schedule',
      tunnelOperation<ScheduleRequest, object>('Schedule', (request) => setChannelStatus(context, request)),
    ],
    [
      '/tunnel/getrpo',
      tunnelOperation<{ tunnelId?: string }, object>('GetRpo', ({ tunnelId = '' }) =>
        recoveryPointInfos(context, tunnelById(context, tunnelId)),
      ),
    ],
  ]);

  return {
    operations,
    expire(table, name) {
      const found = name === undefined ? tunnelsOf(context, table) : [tunnelByName(context, table, name)];
      databases.write(() => {
        for (const tunnel of found) databases.tunnels.putSync(tunnel.id, { ...tunnel, expired: true });
      });
    },
    drop(table) {
      databases.write(() => {
        for (const { value } of [...databases.tunnels.getRange({})])
          if (value.table === table) removeTunnel(databases, value.id);
      });
    },
  };
}

function deleteTunnel(context: TunnelContext, request: NamedTunnel): object {
  const { id } = requireNamedTunnel(context, request);
  context.databases.write(() => removeTunnel(context.databases, id));
  return {};
}

/** Lists the tunnels of a table. If the name is missing or empty (as in the Go client), lists all tunnels. */
function listTunnels(context: TunnelContext, { tableName = '' }: { readonly tableName?: string }): object {
  if (tableName !== '') requireTable(context, tableName);
  const tunnels = tunnelsOf(context, tableName === '' ? undefined : tableName);
  return {
    tunnels: tunnels.map((tunnel) => {
      const channels = listByIndex(context.databases.channels, tunnel.id);
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
