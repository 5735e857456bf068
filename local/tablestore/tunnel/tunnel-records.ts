export type TunnelType = 'BaseData' | 'Stream' | 'BaseAndStream';

/** A tunnel as it is stored. */
export interface StoredTunnel {
  readonly id: string;
  readonly name: string;
  readonly table: string;
  readonly type: TunnelType;
  /** Of the table's stream when the tunnel was made. */
  readonly streamId: string;
  readonly createdMs: number;
  /** Its stream channels give the changes with a timestamp above this, in µs. */
  readonly since: bigint;
  readonly start?: StreamStart | undefined;
  readonly expired: boolean;
}

/** From where a Stream tunnel was asked to begin; `startOffset` in epoch ns. */
export interface StreamStart {
  readonly flag?: 'LATEST' | 'EARLIEST' | undefined;
  readonly startOffset?: bigint | undefined;
}

/** `WAIT` until a client gets it for the first time; CLOSE while nobody has it. */
export type ChannelStatus = 'WAIT' | 'OPEN' | 'CLOSING' | 'CLOSE' | 'TERMINATED';

/** A channel as it is stored: whose it is, and how far it was consumed. */
export interface StoredChannel {
  readonly id: string;
  readonly kind: 'BaseData' | 'Stream';
  readonly partition: string;
  /** The channel that must be TERMINATED before this one is given to anybody. */
  readonly parent?: string | undefined;
  /** Its place among the channels of its tunnel, by which they are listed and given. */
  readonly index: number;
  readonly status: ChannelStatus;
  readonly version: bigint;
  /** The client that has it, while OPEN and CLOSING. */
  readonly owner?: string | undefined;
  /** An operator's wish: nobody gets it. */
  readonly suspended: boolean;
  readonly checkpoint: string;
  readonly sequenceNumber: bigint;
  /** Records before the checkpoint. */
  readonly count: bigint;
  /** How many records it had when it was read to its end. */
  readonly total?: bigint | undefined;
}

/** A client that is connected to a tunnel. */
export interface StoredClient {
  readonly id: string;
  readonly tag: string;
  readonly timeoutMs: number;
  /** Its last sign of life, in epoch ms. */
  readonly seenMs: number;
  /** The order in which clients came. */
  readonly index: number;
}
