import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OtsTransport } from '../../../ots/transport.ts';
import type { ChannelReport } from '../../../ots/tunnel/channel-states.ts';
import { createTunnelApi } from '../../../ots/tunnel/tunnel-api.ts';
import { TunnelClient, type TunnelClientOptions } from '../../../ots/tunnel/tunnel-client.ts';
import type { TunnelObserver } from '../../../ots/tunnel/tunnel-observer.ts';
import type { RawRecord } from '../../../ots/tunnel/tunnel-record.ts';
import { message } from '../../../ots/wire/message.ts';
import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';

const heartbeatRequest = message<{ channels: ChannelReport[] }>('HeartbeatRequest');
const heartbeatAnswer = message<{ channels: readonly ChannelReport[] }>('HeartbeatResponse');
const checkpointAnswer = message<{ checkpoint: string; sequenceNumber: bigint }>('GetCheckpointResponse');
const page = message<{ records: readonly RawRecord[]; nextToken: string }>('ReadRecordsResponse');

/** A channel that belongs to the client. */
export const openChannel: ChannelReport = { channelId: 'c', version: 1n, status: 'OPEN' };

export const rawRecord: RawRecord = {
  actionType: 'PUT_ROW',
  record: encodeRows([
    {
      ...{ primaryKey: [{ name: 'id', value: 'a' }], cells: [] },
      sequence: { epoch: 1, timestamp: 1_795_334_400_000_000n, rowIndex: 0 },
    },
  ]),
};

/** A Tunnel Service whose answers a test scripts. By default, the client has one channel without records. */
export class ScriptedTunnel {
  /** The paths of all requests, in order. A path is added again, with a `!`, when its request is answered. */
  readonly requests: string[] = [];
  /** The reports of each heartbeat. */
  readonly heartbeats: (readonly ChannelReport[])[] = [];
  /** Returns the channels of the answer to a heartbeat; the first heartbeat has the number 1. */
  channels = (_heartbeat: number): readonly ChannelReport[] => [openChannel];
  /** Returns the records of a page; the first read has the number 1. */
  records = (_read: number): readonly RawRecord[] => [];
  /** May throw, and then no checkpoint is stored. */
  beforeCheckpoint = (): void => {};

  readonly #transport: Pick<OtsTransport, 'send'> = {
    send: async ({ path, body }) => {
      this.requests.push(path);
      // As over a network, an answer never arrives in the same turn.
      await nextTurn();
      const answer = this.#answer(path, body);
      this.requests.push(`${path}!`);
      return answer;
    },
  };

  /** Returns how often a path was requested. */
  count(path: string): number {
    return this.requests.filter((request) => request === path).length;
  }

  /** Creates a connected client. Its heartbeats have an interval of one minute, unless `options` change it. */
  client(
    process: ConstructorParameters<typeof TunnelClient>[2],
    { observer = {}, ...options }: Partial<TunnelClientOptions> & { readonly observer?: TunnelObserver } = {},
  ): TunnelClient {
    return new TunnelClient(
      createTunnelApi(this.#transport as OtsTransport),
      { tunnelId: 't', clientId: 'client' },
      process,
      {
        ...{ tunnelId: 't', clientTag: 'test', heartbeatMs: 60_000, timeoutMs: 120_000, drainMs: 1_000 },
        ...{ poll: { firstMs: 1, longestMs: 1 }, idleCheckpointMs: 60_000 },
        ...options,
      },
      { connectedAt: performance.now(), observer },
    );
  }

  #answer(path: string, body: Buffer): Buffer {
    if (path === '/tunnel/heartbeat') {
      this.heartbeats.push(heartbeatRequest.decode(body).channels);
      return heartbeatAnswer.encode({ channels: this.channels(this.heartbeats.length) });
    }
    if (path === '/tunnel/getcheckpoint')
      return checkpointAnswer.encode({ checkpoint: 'start', sequenceNumber: 0n });
    if (path === '/tunnel/readrecords') {
      const read = this.count(path);
      return page.encode({ records: this.records(read), nextToken: `after-${read}` });
    }
    if (path === '/tunnel/checkpoint') this.beforeCheckpoint();
    return Buffer.alloc(0);
  }
}
