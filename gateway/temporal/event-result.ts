import type { ParkedEventInfo } from '../../domain/parked-request.ts';

/** The outcome of one event on one route, or of an event or request that reached no route. */
export type EventOutcome =
  | 'started'
  | 'duplicate'
  /** A duplicate with different content: a sender uses the same source and id for two events. */
  | 'conflict'
  | 'signalled'
  /** The route has `start: false`, and no run is open. */
  | 'unawaited'
  | 'unmatched'
  | 'expired'
  | 'rejected'
  | 'parked'
  | 'deferred';

/** One result: one line of the log, and one count in the metrics. */
export interface EventResult {
  /** The attributes of the event that could be read. */
  readonly event?:
    | (ParkedEventInfo & { readonly attributes?: Readonly<Record<string, unknown>> })
    | undefined;
  readonly route?: string | undefined;
  readonly workflowId?: string;
  readonly outcome: EventOutcome;
  readonly reason?: string;
  /** True if the request had no valid credentials for the event (401 or 403). */
  readonly isUnauthorised?: true;
  /** True if no route matched because the event's data is bytes. */
  readonly isBytes?: true;
  /** The workflow id of the run that keeps the parked request. */
  readonly parked?: string | undefined;
  /** True if the request was already parked. */
  readonly parkedBefore?: boolean;
}
