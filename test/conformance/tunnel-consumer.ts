/** A column of a record. Values are text, binary ones in base64. */
export interface ConsumedColumn {
  readonly name: string;
  /** The change of the column: `put`, `delete version` or `delete all versions`. */
  readonly change: string;
  /** `string`, `integer`, `double`, `boolean`, `binary`; `none` without a value. */
  readonly type: string;
  readonly value: string;
}

/** A line of a consumer's output: one JSON object per line, in the order of the events. */
export type ConsumerLine =
  /** The consumer got a channel and begins to read it. `session` is unique for each opening. */
  | {
      readonly type: 'opened';
      readonly client: string;
      readonly channel: string;
      readonly session: number;
    }
  /** The consumer accepted a record. It stores the checkpoint after all records of the batch. */
  | {
      readonly type: 'record';
      readonly client: string;
      readonly channel: string;
      readonly session: number;
      /** Number of the page since the channel was opened. Pages without records do not count. */
      readonly batch: number;
      readonly action: 'PutRow' | 'UpdateRow' | 'DeleteRow';
      readonly key: readonly { readonly name: string; readonly type: string; readonly value: string }[];
      readonly columns: readonly ConsumedColumn[];
      /** `<timestamp in µs>:<row index>`; base data has none. */
      readonly sequence?: string;
    }
  /** The service answered an error to a checkpoint. */
  | { readonly type: 'refused'; readonly client: string; readonly channel: string; readonly code: string }
  | { readonly type: 'failed'; readonly code: string }
  | { readonly type: 'started' | 'stopping' | 'ended' | 'closed'; readonly client: string };

export type ConsumedRecord = ConsumerLine & { readonly type: 'record' };

export interface ConsumerOptions {
  /** For example `http://127.0.0.1:9001`. */
  readonly endpoint: string;
  readonly instance: string;
  readonly tunnelId: string;
  /** The value of `client` in its lines. */
  readonly name: string;
  readonly heartbeatMs: number;
  /** Must be whole seconds. */
  readonly timeoutMs: number;
  /** Called for each line. */
  readonly onLine: (line: ConsumerLine) => void;
}

export interface RunningConsumer {
  /** Resolves when the consumer has ended. */
  readonly ended: Promise<unknown>;
  /** Lets the consumer release its channels and end. */
  stop(): Promise<void>;
  /** Ends the consumer as `kill -9` does. Resolves after `onLine` was called for all its lines. */
  kill(): Promise<void>;
  freeze(): void;
  resume(): void;
}

/** A client of the Tunnel Service that runs as a process. */
export interface TunnelConsumer {
  readonly name: string;
  start(options: ConsumerOptions): Promise<RunningConsumer>;
}
