import type { ParkedAbout } from '../../domain/parked-request.ts';

/** A run that a parked request's event has on one of the routes, after it was sent again. */
export interface ReachedRun {
  readonly route: string;
  readonly workflowId: string;
  /** Temporal's name of it. */
  readonly status: string;
}

/** What became of one parked request. */
export interface Replayed {
  readonly id: string;
  readonly event: ParkedAbout;
  /** `sent`: taken, parked no more. `wrong`: it stays parked. `unreachable`: gateway or Temporal gave no answer. */
  readonly outcome: 'sent' | 'wrong' | 'unreachable';
  /** The gateway's answer; null where it was not sent. */
  readonly status: number | null;
  /** One sentence; null where there is nothing to say. */
  readonly reason: string | null;
  readonly runs: readonly ReachedRun[];
}
