import type { ParkedEventInfo } from '../../domain/parked-request.ts';

/** What became of one event on one route, or of one event or request that reached none. */
export type EventOutcome =
  | 'started'
  | 'duplicate'
  /** A duplicate whose content is another: a sender uses an identity twice. */
  | 'conflict'
  | 'signalled'
  | 'unmatched'
  | 'expired'
  | 'rejected'
  | 'parked'
  | 'deferred';

/** One line of the log, and one count. */
export interface EventResult {
  /** As far as it could be read. */
  readonly event?:
    | (ParkedEventInfo & { readonly attributes?: Readonly<Record<string, unknown>> })
    | undefined;
  readonly route?: string | undefined;
  readonly workflowId?: string;
  readonly outcome: EventOutcome;
  readonly reason?: string;
  /** The run that keeps the request, where it was parked. */
  readonly parked?: string | undefined;
  /** It was there before. */
  readonly parkedBefore?: boolean;
}
