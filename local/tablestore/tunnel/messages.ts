import { WireError } from '../../../ots/errors.ts';
import { type Message, message } from '../../../ots/wire/message.ts';
import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { ChangeAction } from '../storage/change-log.ts';
import { hasTooManyFields } from '../too-many-fields.ts';
import type { ChannelReport } from './merge-reports.ts';
import type { StreamStart, TunnelType } from './tunnel-records.ts';

/** A record of a page. `record` and `originRecord` are PlainBuffer. */
export interface TunnelRecord {
  readonly actionType: ChangeAction;
  readonly record: Buffer;
  readonly originRecord?: Buffer;
}

export interface CreateRequest {
  readonly tunnel: {
    readonly tableName: string;
    readonly tunnelName: string;
    readonly tunnelType: TunnelType;
    readonly streamTunnelConfig?: StreamStart & { readonly endOffset?: bigint };
    readonly needAllTimeSeriesColumns?: boolean;
  };
}
/** A tunnel by its table and name. The optional id must match. */
export interface NamedTunnel {
  readonly tableName: string;
  readonly tunnelName: string;
  readonly tunnelId?: string;
}
export interface ConnectRequest {
  readonly tunnelId: string;
  readonly clientConfig?: { readonly timeout?: bigint; readonly clientTag?: string };
}
export interface ClientRequest {
  readonly tunnelId: string;
  readonly clientId: string;
}
export interface HeartbeatRequest extends ClientRequest {
  readonly channels: readonly ChannelReport[];
}
export interface ScheduleRequest {
  readonly tunnelId: string;
  readonly channels: readonly ChannelReport[];
}
export interface ChannelRequest extends ClientRequest {
  readonly channelId: string;
}
export interface ReadRecordsRequest extends ChannelRequest {
  readonly token: string;
}
export interface CheckpointRequest extends ChannelRequest {
  readonly checkpoint: string;
  readonly sequenceNumber: bigint;
}

export interface TunnelInfo {
  readonly tunnelId: string;
  readonly tunnelType: TunnelType;
  readonly tableName: string;
  readonly instanceName: string;
  readonly streamId: string;
  readonly stage: string;
  readonly expired: boolean;
  readonly tunnelName: string;
  readonly public: boolean;
  readonly streamTunnelConfig?: StreamStart;
  readonly createTime: bigint;
}
export interface ChannelInfo {
  readonly channelId: string;
  readonly channelType: string;
  readonly channelStatus: string;
  readonly clientId: string;
  readonly channelRpo: bigint;
  readonly channelCount: bigint;
}

/** Answers the body of one request. Throws OtsError. */
export type TunnelOperation = (body: Buffer) => Buffer;

/**
 * Returns an operation on the messages `<name>Request` and `<name>Response`. Malformed requests, unknown fields, and
 * more fields than any client sends are answered with OTSParameterInvalid.
 */
export function tunnelOperation<Q extends object, A extends object>(
  name: string,
  run: (request: Q) => A,
): TunnelOperation {
  const [request, response] = [message<Q>(`${name}Request`), message<A>(`${name}Response`)];
  return (body) => response.encode(run(read(request, body)));
}

function read<Q>(request: Message<Q>, body: Buffer): Q {
  const maxFields = LIMITS.fieldsPerRequest;
  if (hasTooManyFields(request.name, body, maxFields))
    throw parameterInvalid(`${request.name} has more than ${maxFields} fields.`);
  try {
    return request.decode(body, { strict: true });
  } catch (error) {
    if (error instanceof WireError) throw parameterInvalid(`Cannot decode the request: ${error.message}.`);
    throw error;
  }
}
