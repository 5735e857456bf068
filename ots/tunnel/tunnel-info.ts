/** Rows that are there, changes from now on, or the first and then the second. */
export type TunnelType = 'BaseData' | 'Stream' | 'BaseAndStream';

/** Where a stream begins: now, at the oldest change that is kept, or at a time in ns. */
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
  /** What it had not read is gone. */
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
  /** Time of what was consumed last, in ns since the epoch. */
  readonly channelRpo?: bigint;
  readonly channelCount?: bigint;
}
