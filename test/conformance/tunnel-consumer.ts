/** A column of a record; values as text, binary ones in base64. */
export interface ConsumedColumn {
  readonly name: string;
  /** What became of it: `put`, `delete version` or `delete all versions`. */
  readonly change: string;
  /** `string`, `integer`, `double`, `boolean`, `binary`; `none` without a value. */
  readonly type: string;
  readonly value: string;
}

/** What a consumer says, a JSON object a line, in the order in which it happened. */
export type ConsumerLine =
  /** It was given a channel and begins to read it, for the first time or again; `session` tells its openings apart. */
  | {
      readonly type: 'opened';
      readonly client: string;
      readonly channel: string;
      readonly session: number;
    }
  /** It has accepted a record; the checkpoint is stored when the whole batch is said. */
  | {
      readonly type: 'record';
      readonly client: string;
      readonly channel: string;
      readonly session: number;
      /** Counts the pages with records of a channel since it was opened. */
      readonly batch: number;
      readonly action: 'PutRow' | 'UpdateRow' | 'DeleteRow';
      readonly key: readonly { readonly name: string; readonly type: string; readonly value: string }[];
      readonly columns: readonly ConsumedColumn[];
      /** `<timestamp in µs>:<row index>`; base data has none. */
      readonly sequence?: string;
    }
  /** The service has refused a checkpoint. */
  | { readonly type: 'refused'; readonly client: string; readonly channel: string; readonly code: string }
  | { readonly type: 'failed'; readonly code: string }
  | { readonly type: 'started' | 'stopping' | 'ended' | 'closed'; readonly client: string };

export type ConsumedRecord = ConsumerLine & { readonly type: 'record' };

export interface ConsumerOptions {
  /** As `http://127.0.0.1:9001`. */
  readonly endpoint: string;
  readonly instance: string;
  readonly tunnelId: string;
  /** What its lines are to say as `client`. */
  readonly name: string;
  readonly heartbeatMs: number;
  /** Whole seconds. */
  readonly timeoutMs: number;
  /** Called for each line as it comes. */
  readonly onLine: (line: ConsumerLine) => void;
}

export interface RunningConsumer {
  /** When it has ended, by itself or not. */
  readonly ended: Promise<unknown>;
  /** Lets it hand its channels back and end. */
  stop(): Promise<void>;
  /** Ends it as `kill -9` does; what it said before has been heard when this is done. */
  kill(): Promise<void>;
  freeze(): void;
  resume(): void;
}

/** A client of the Tunnel Service as a process: whose, and how it is started. */
export interface TunnelConsumer {
  readonly name: string;
  start(options: ConsumerOptions): Promise<RunningConsumer>;
}
