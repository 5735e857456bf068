/** A run that may conflict with another one for the same destination. */
export interface OtherRun {
  readonly runId: string;
  readonly open: boolean;
  /** The key of the archive that the run extracts, from the run's memo. */
  readonly key: string | undefined;
  /** The version of that archive, from the run's memo. */
  readonly etag: string | undefined;
}

/** How a run ended. `type` and `message` are those of its failure. */
export type RunOutcome =
  | { readonly status: 'completed'; readonly result: unknown }
  | { readonly status: 'failed'; readonly type: string; readonly message: string }
  | {
      readonly status: 'cancelled';
      /** True if the run's memo states that none of its writes is in flight. */
      readonly quiet: boolean;
    };

/** Inspects and cancels workflow runs. `runId` is the first run id of a chain of continued runs. */
export interface RunControl {
  find(workflowId: string, signal: AbortSignal): Promise<OtherRun | undefined>;
  /** Returns how the run ended, or undefined while it is open. */
  outcome(workflowId: string, runId: string, signal: AbortSignal): Promise<RunOutcome | undefined>;
  /** Requests cancellation. Does nothing if the run has ended or is unknown. */
  cancel(workflowId: string, runId: string, signal: AbortSignal): Promise<void>;
}
