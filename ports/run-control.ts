/** What is known of a run that may be in the way of ours. */
export interface OtherRun {
  readonly runId: string;
  readonly open: boolean;
  /** The archive that it unpacks and its version, when its memo says so. */
  readonly key: string | undefined;
  readonly etag: string | undefined;
}

/** How a run ended; `type` and `message` are those of its failure. */
export type RunOutcome =
  | { readonly status: 'completed'; readonly result: unknown }
  | { readonly status: 'failed'; readonly type: string; readonly message: string }
  | {
      readonly status: 'cancelled';
      /** It says of itself that none of its writes is under way any more. */
      readonly quiet: boolean;
    };

/** Looks at and cancels workflow runs. `runId` is the first of a chain of continued runs. */
export interface RunControl {
  find(workflowId: string, signal: AbortSignal): Promise<OtherRun | undefined>;
  /** How the run ended, or undefined while it is open. */
  outcome(workflowId: string, runId: string, signal: AbortSignal): Promise<RunOutcome | undefined>;
  /** Asks the run to stop; a run that has ended or is unknown is as good as stopped. */
  cancel(workflowId: string, runId: string, signal: AbortSignal): Promise<void>;
}
