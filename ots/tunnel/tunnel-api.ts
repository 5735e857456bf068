import { type CallRetryPolicy, callWithRetry, type RetryLimits } from '../call-with-retry.ts';
import { OtsError } from '../errors.ts';
import type { OtsTransport } from '../transport.ts';
import { message } from '../wire/message.ts';
import { TUNNEL_VERSION } from '../wire/signature.ts';
import type { ChannelReport } from './channel-states.ts';
import type { ChannelInfo, NewTunnel, TunnelInfo } from './tunnel-info.ts';
import { lazyRecords, type RawRecord, type TunnelRecords } from './tunnel-record.ts';

/** A page of a channel's records, and the token of the position after it. */
export interface ChannelPage {
  readonly records: TunnelRecords;
  readonly nextToken: string;
  /** True if more records follow at once. Absent if the service does not say so. */
  readonly hasMore?: boolean;
}

export interface Checkpoint {
  readonly token: string;
  readonly sequence: bigint;
}

/** A client of a tunnel. */
export interface ClientRef {
  readonly tunnelId: string;
  readonly clientId: string;
}

const messages = {
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
  heartbeatAnswer: message<{ channels: ChannelReport[] }>('HeartbeatResponse'),
  shutdown: message<ClientRef>('ShutdownRequest'),
  getCheckpoint: message<ClientRef & { channelId: string }>('GetCheckpointRequest'),
  gotCheckpoint: message<{ checkpoint: string; sequenceNumber: bigint }>('GetCheckpointResponse'),
  read: message<ClientRef & { channelId: string; token: string }>('ReadRecordsRequest'),
  page: message<{ records: RawRecord[]; nextToken: string; mayMoreRecord?: boolean }>('ReadRecordsResponse'),
  checkpoint: message<ClientRef & { channelId: string; checkpoint: string; sequenceNumber: bigint }>(
    'CheckpointRequest',
  ),
} as const;

/** The timeout of one request. A request without an answer is retried. */
const REQUEST_TIMEOUT_MS = 15_000;

/** Waits and limits are the same as in the official Go client. */
const READ_POLICY = { firstMs: 16, longestMs: 3_000, totalMs: 75_000 };
const DEFAULT_POLICY = { firstMs: 100, longestMs: 2_000, totalMs: 35_000 };
/** No retries: the next heartbeat is the retry. */
const NO_RETRY_POLICY = { firstMs: 1, longestMs: 1, totalMs: 0 };

/**
 * The service has no error code for an unknown tunnel, so the message decides. The code is checked too, because errors
 * for unknown access keys also contain "not exist".
 */
const isUnknownTunnel = (error: unknown): boolean =>
  error instanceof OtsError &&
  (error.code === 'OTSParameterInvalid' || error.code === 'OTSObjectNotExist') &&
  /not exist/i.test(error.message);

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Called before each attempt. An exception ends the call. */
  readonly beforeAttempt?: () => void;
  /** Called before each retry, with the error of the attempt. */
  readonly beforeRetry?: (error: unknown) => void;
}

/** A typed client of the Tunnel Service. It retries transient errors. */
export type TunnelApi = ReturnType<typeof createTunnelApi>;

export function createTunnelApi(
  transport: OtsTransport,
  onRetry?: (path: string, error: unknown) => void,
  limits?: RetryLimits,
) {
  const call = (
    path: string,
    body: Buffer,
    policy: CallRetryPolicy,
    { signal, timeoutMs = REQUEST_TIMEOUT_MS, beforeAttempt, beforeRetry }: CallOptions = {},
  ): Promise<Buffer> => {
    const notifyRetry = (error: unknown): void => {
      onRetry?.(path, error);
      beforeRetry?.(error);
    };
    return callWithRetry(
      async () => {
        beforeAttempt?.();
        return transport.send({ path, version: TUNNEL_VERSION, body, timeoutMs, signal });
      },
      policy,
      limits,
      { onRetry: notifyRetry, signal },
    );
  };
  return {
    async create({ table, name, type, start }: NewTunnel, signal?: AbortSignal): Promise<string> {
      const tunnel = { tableName: table, tunnelName: name, tunnelType: type, streamTunnelConfig: start };
      return messages.created.decode(
        await call('/tunnel/create', messages.create.encode({ tunnel }), DEFAULT_POLICY, { signal }),
      ).tunnelId;
    },
    async delete(tableName: string, tunnelName: string, signal?: AbortSignal): Promise<void> {
      await call('/tunnel/delete', messages.delete.encode({ tableName, tunnelName }), DEFAULT_POLICY, {
        signal,
      });
    },
    async list(tableName: string, signal?: AbortSignal): Promise<TunnelInfo[]> {
      return messages.listed.decode(
        await call('/tunnel/list', messages.list.encode({ tableName }), DEFAULT_POLICY, { signal }),
      ).tunnels;
    },
    /** Returns undefined if the tunnel does not exist. */
    async describe(tableName: string, tunnelName: string, signal?: AbortSignal) {
      try {
        const body = messages.describe.encode({ tableName, tunnelName });
        return messages.described.decode(await call('/tunnel/describe', body, DEFAULT_POLICY, { signal }));
      } catch (error) {
        if (isUnknownTunnel(error)) return undefined;
        throw error;
      }
    },
    /**
     * The service treats the client as lost after `timeoutMs` without a heartbeat. The timeout is sent in whole
     * seconds.
     */
    async connect(
      tunnelId: string,
      timeoutMs: number,
      clientTag: string,
      options: CallOptions,
    ): Promise<ClientRef> {
      const clientConfig = { timeout: BigInt(Math.floor(timeoutMs / 1_000)), clientTag };
      const body = messages.connect.encode({ tunnelId, clientConfig });
      return {
        tunnelId,
        clientId: messages.connected.decode(await call('/tunnel/connect', body, DEFAULT_POLICY, options))
          .clientId,
      };
    },
    async heartbeat(
      client: ClientRef,
      channels: readonly ChannelReport[],
      timeoutMs: number,
      signal: AbortSignal,
    ): Promise<ChannelReport[]> {
      const body = messages.heartbeat.encode({ ...client, channels });
      return messages.heartbeatAnswer.decode(
        await call('/tunnel/heartbeat', body, NO_RETRY_POLICY, { signal, timeoutMs }),
      ).channels;
    },
    async shutdown(client: ClientRef, timeoutMs: number): Promise<void> {
      await call(
        '/tunnel/shutdown',
        messages.shutdown.encode(client),
        { ...DEFAULT_POLICY, totalMs: timeoutMs },
        { timeoutMs },
      );
    },
    async getCheckpoint(client: ClientRef, channelId: string, signal: AbortSignal): Promise<Checkpoint> {
      const body = messages.getCheckpoint.encode({ ...client, channelId });
      const stored = messages.gotCheckpoint.decode(
        await call('/tunnel/getcheckpoint', body, DEFAULT_POLICY, { signal }),
      );
      return { token: stored.checkpoint, sequence: stored.sequenceNumber };
    },
    async readRecords(
      client: ClientRef,
      channelId: string,
      token: string,
      options: CallOptions,
    ): Promise<ChannelPage> {
      const body = messages.read.encode({ ...client, channelId, token });
      const page = messages.page.decode(await call('/tunnel/readrecords', body, READ_POLICY, options));
      const { records, nextToken, mayMoreRecord } = page;
      const decoded = { records: lazyRecords(records), nextToken };
      return mayMoreRecord === undefined ? decoded : { ...decoded, hasMore: mayMoreRecord };
    },
    async checkpoint(
      client: ClientRef,
      channelId: string,
      next: Checkpoint,
      options: CallOptions,
    ): Promise<void> {
      const about = { channelId, checkpoint: next.token, sequenceNumber: next.sequence };
      await call(
        '/tunnel/checkpoint',
        messages.checkpoint.encode({ ...client, ...about }),
        DEFAULT_POLICY,
        options,
      );
    },
  };
}
