export type TunnelType = 'BaseData' | 'Stream' | 'BaseAndStream';

/** A stored tunnel. */
export interface StoredTunnel {
  readonly id: string;
  readonly name: string;
  readonly table: string;
  readonly type: TunnelType;
  /** The table's stream when the tunnel was created. */
  readonly streamId: string;
  readonly createdMs: number;
  /** Stream channels deliver changes with a timestamp above this, in µs. */
  readonly since: bigint;
  readonly start?: StreamStart | undefined;
  readonly expired: boolean;
}

/** The requested start of a Stream tunnel. `startOffset` is in epoch ns. */
export interface StreamStart {
  readonly flag?: 'LATEST' | 'EARLIEST' | undefined;
  readonly startOffset?: bigint | undefined;
}

/** `WAIT` until a client gets the channel for the first time. `CLOSE` while no client owns it after that. */
export type ChannelStatus = 'WAIT' | 'OPEN' | 'CLOSING' | 'CLOSE' | 'TERMINATED';

/** A stored channel: its owner and how far it was consumed. */
export interface StoredChannel {
  readonly id: string;
  readonly kind: 'BaseData' | 'Stream';
  readonly partition: string;
  /** The channel that must be TERMINATED before this one is assigned. */
  readonly parent?: string | undefined;
  /** The tunnel's channels are listed and assigned in the order of this number. */
  readonly index: number;
  readonly status: ChannelStatus;
  readonly version: bigint;
  /** The client that owns the channel, while OPEN or CLOSING. */
  readonly owner?: string | undefined;
  /** True if an operator has suspended the channel: no client gets it. */
  readonly suspended: boolean;
  readonly checkpoint: string;
  readonly sequenceNumber: bigint;
  /** Number of records before the checkpoint. */
  readonly count: bigint;
  /** Total number of records, known after the channel was read to its end. */
  readonly total?: bigint | undefined;
}

/** A client that is connected to a tunnel. */
export interface StoredClient {
  readonly id: string;
  readonly tag: string;
  readonly timeoutMs: number;
  /** Time of the last heartbeat, in epoch ms. */
  readonly seenMs: number;
  /** Clients are numbered in the order in which they connected. */
  readonly index: number;
}
