/**
 * `BaseData`: existing rows. `Stream`: changes, from the position in `StreamStart`. `BaseAndStream`: first the rows,
 * then the changes.
 */
export type TunnelType = 'BaseData' | 'Stream' | 'BaseAndStream';

/** Where a tunnel starts in the stream: now, at the oldest change that is kept, or at a time in ns. */
export interface StreamStart {
  readonly flag?: 'LATEST' | 'EARLIEST';
  readonly startOffset?: bigint;
}

export interface NewTunnel {
  readonly table: string;
  readonly name: string;
  readonly type: TunnelType;
  readonly start?: StreamStart | undefined;
}

/** A tunnel as the service describes it. */
export interface TunnelInfo {
  readonly tunnelId: string;
  readonly tunnelType: string;
  readonly tableName: string;
  readonly instanceName: string;
  readonly streamId: string;
  /** `InitBaseDataAndStreamShard`, `ProcessBaseData` or `ProcessStream`. */
  readonly stage: string;
  /** True if the tunnel's unread changes are lost. */
  readonly expired?: boolean;
  readonly tunnelName?: string;
  readonly streamTunnelConfig?: StreamStart;
  /** In ns. */
  readonly createTime?: bigint;
}

/** A channel as the service describes it. */
export interface ChannelInfo {
  readonly channelId: string;
  readonly channelType?: string;
  readonly channelStatus?: string;
  readonly clientId?: string;
  /** Commit time of the last consumed change, in ns since the epoch. */
  readonly channelRpo?: bigint;
  /** The number of consumed records. */
  readonly channelCount?: bigint;
}
