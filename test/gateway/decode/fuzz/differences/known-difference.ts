import type { Discrepancy } from '../discrepancies.ts';
import type { FuzzRequest, RequestView } from '../request-view.ts';

/** An intended difference between the package `cloudevents` 10.0.0 and Sluice. */
export interface KnownDifference {
  readonly name: string;
  /** Why Sluice is right, and by which specification. */
  readonly reason: string;
  /** A request that shows the difference. */
  readonly example: FuzzRequest;
  /** True if this difference alone explains the discrepancy of a request. */
  explains(discrepancy: Discrepancy, request: RequestView): boolean;
}
