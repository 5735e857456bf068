import type { Discrepancy } from '../discrepancies.ts';
import type { FuzzRequest, RequestView } from '../request-view.ts';

/** A way in which the package `cloudevents` 10.0.0 reads requests otherwise than we do, on purpose. */
export interface KnownDifference {
  readonly name: string;
  /** Why ours is right, by which text. */
  readonly reason: string;
  /** A request that shows it. */
  readonly example: FuzzRequest;
  /** Whether this, and nothing else, is what the discrepancy shows in that request. */
  explains(discrepancy: Discrepancy, request: RequestView): boolean;
}
