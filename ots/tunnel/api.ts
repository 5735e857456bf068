import { OtsError } from '../errors.ts';
import { type CallPolicy, callRepeatedly, type Patience } from '../retry.ts';
import type { Transport } from '../transport.ts';
import { message } from '../wire/message.ts';
import { TUNNEL_VERSION } from '../wire/signature.ts';
import type { ChannelReport } from './channel-states.ts';
import { type RawRecord, type Records, recordsOf } from './record.ts';
import type { ChannelInfo, NewTunnel, TunnelInfo } from './tunnel-info.ts';

/** A page of a channel's records, and the token behind it. */
export interface Page {
  readonly records: Records;
  readonly nextToken: string;
  /** Whether more follow at once; absent where the service does not say. */
  readonly mayMore?: boolean;
}

export interface Checkpoint {
  readonly token: string;
  readonly sequence: bigint;
}

/** A client's share in a tunnel. */
export interface ClientRef {
  readonly tunnelId: string;
  readonly clientId: string;
}

const m = {
  create: message<{ tunnel: object }>('CreateTunnelRequest'),
  created: message<{ tunnelId: string }>('CreateTunnelResponse'),
  delete: message<{ tableName: string; tunnelName: string }>('DeleteTunnelRequest'),
  list: message<{ tableName: string }>('ListTunnelRequest'),
  listed: message<{ tunnels: TunnelInfo[] }>('ListTunnelResponse'),
  describe: message<{ tableName: string; tunnelName: string }>('DescribeTunnelRequest'),
  described: message<{ tunnel: TunnelInfo; channels: ChannelInfo[]; tunnelRpo?: bigint }>(
    'DescribeTunnelResponse',
  ),
  connect: message<{ tunnelId: string; clientConfig: { timeout: bigint; clientTag: string } }>(
    'ConnectRequest',
  ),
  connected: message<{ clientId: string }>('ConnectResponse'),
  heartbeat: message<ClientRef & { channels: readonly ChannelReport[] }>('HeartbeatRequest'),
  beaten: message<{ channels: ChannelReport[] }>('HeartbeatResponse'),
  shutdown: message<ClientRef>('ShutdownRequest'),
  getCheckpoint: message<ClientRef & { channelId: string }>('GetCheckpointRequest'),
  gotCheckpoint: message<{ checkpoint: string; sequenceNumber: bigint }>('GetCheckpointResponse'),
  read: message<ClientRef & { channelId: string; token: string }>('ReadRecordsRequest'),
  page: message<{ records: RawRecord[]; nextToken: string; mayMoreRecord?: boolean }>('ReadRecordsResponse'),
  checkpoint: message<ClientRef & { channelId: string; checkpoint: string; sequenceNumber: bigint }>(
    'CheckpointRequest',
  ),
} as const;

/** How long one request may take; one that is not answered by then is tried again. */
const REQUEST_MS = 15_000;

/** Waits and limits as the official Go client has them. */
const READS = { firstMs: 16, longestMs: 3_000, totalMs: 75_000 };
const OTHERS = { firstMs: 100, longestMs: 2_000, totalMs: 35_000 };
/** Once: the next heartbeat is the retry. */
const ONCE = { firstMs: 1, longestMs: 1, totalMs: 0 };

/** There is no code of its own for it; a key's id that is not known does "not exist" either. */
const isNoTunnel = (error: unknown): boolean =>
  error instanceof OtsError &&
  (error.code === 'OTSParameterInvalid' || error.code === 'OTSObjectNotExist') &&
  /not exist/i.test(error.message);

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number;
  /** Called before each try; what it throws ends the call. */
  readonly before?: () => void;
  /** Called with why a try failed that is followed by another. */
  readonly onFailed?: (error: unknown) => void;
}

/** The Tunnel Service, typed; what passes by itself is retried in here. */
export type TunnelApi = ReturnType<typeof createTunnelApi>;

export function createTunnelApi(
  transport: Transport,
  onRetry?: (path: string, error: unknown) => void,
  patience?: Patience,
) {
  const call = (
    path: string,
    body: Buffer,
    policy: CallPolicy,
    { signal, deadlineMs = REQUEST_MS, before, onFailed }: CallOptions = {},
  ): Promise<Buffer> => {
    const told = (error: unknown): void => {
      onRetry?.(path, error);
      onFailed?.(error);
    };
    return callRepeatedly(
      async () => {
        before?.();
        return transport.send({ path, version: TUNNEL_VERSION, body, deadlineMs, signal });
      },
      policy,
      patience,
      { onRetry: told, signal },
    );
  };
  return {
    async create({ table, name, type, start }: NewTunnel, signal?: AbortSignal): Promise<string> {
      const tunnel = { tableName: table, tunnelName: name, tunnelType: type, streamTunnelConfig: start };
      return m.created.decode(await call('/tunnel/create', m.create.encode({ tunnel }), OTHERS, { signal }))
        .tunnelId;
    },
    async delete(tableName: string, tunnelName: string, signal?: AbortSignal): Promise<void> {
      await call('/tunnel/delete', m.delete.encode({ tableName, tunnelName }), OTHERS, { signal });
    },
    async list(tableName: string, signal?: AbortSignal): Promise<TunnelInfo[]> {
      return m.listed.decode(await call('/tunnel/list', m.list.encode({ tableName }), OTHERS, { signal }))
        .tunnels;
    },
    /** Undefined when there is no such tunnel. */
    async describe(tableName: string, tunnelName: string, signal?: AbortSignal) {
      try {
        const asked = m.describe.encode({ tableName, tunnelName });
        return m.described.decode(await call('/tunnel/describe', asked, OTHERS, { signal }));
      } catch (error) {
        if (isNoTunnel(error)) return undefined;
        throw error;
      }
    },
    /** `timeoutMs` is told in whole seconds: after so long without a heartbeat the client is given up. */
    async connect(
      tunnelId: string,
      timeoutMs: number,
      clientTag: string,
      options: CallOptions,
    ): Promise<ClientRef> {
      const clientConfig = { timeout: BigInt(Math.floor(timeoutMs / 1_000)), clientTag };
      const body = m.connect.encode({ tunnelId, clientConfig });
      return {
        tunnelId,
        clientId: m.connected.decode(await call('/tunnel/connect', body, OTHERS, options)).clientId,
      };
    },
    async heartbeat(
      client: ClientRef,
      channels: readonly ChannelReport[],
      deadlineMs: number,
      signal: AbortSignal,
    ): Promise<ChannelReport[]> {
      const body = m.heartbeat.encode({ ...client, channels });
      return m.beaten.decode(await call('/tunnel/heartbeat', body, ONCE, { signal, deadlineMs })).channels;
    },
    async shutdown(client: ClientRef, deadlineMs: number): Promise<void> {
      await call(
        '/tunnel/shutdown',
        m.shutdown.encode(client),
        { ...OTHERS, totalMs: deadlineMs },
        { deadlineMs },
      );
    },
    async getCheckpoint(client: ClientRef, channelId: string, signal: AbortSignal): Promise<Checkpoint> {
      const body = m.getCheckpoint.encode({ ...client, channelId });
      const got = m.gotCheckpoint.decode(await call('/tunnel/getcheckpoint', body, OTHERS, { signal }));
      return { token: got.checkpoint, sequence: got.sequenceNumber };
    },
    async readRecords(
      client: ClientRef,
      channelId: string,
      token: string,
      options: CallOptions,
    ): Promise<Page> {
      const body = m.read.encode({ ...client, channelId, token });
      const page = m.page.decode(await call('/tunnel/readrecords', body, READS, options));
      const { records, nextToken, mayMoreRecord } = page;
      const decoded = { records: recordsOf(records), nextToken };
      return mayMoreRecord === undefined ? decoded : { ...decoded, mayMore: mayMoreRecord };
    },
    async checkpoint(
      client: ClientRef,
      channelId: string,
      next: Checkpoint,
      options: CallOptions,
    ): Promise<void> {
      const about = { channelId, checkpoint: next.token, sequenceNumber: next.sequence };
      await call('/tunnel/checkpoint', m.checkpoint.encode({ ...client, ...about }), OTHERS, options);
    },
  };
}
