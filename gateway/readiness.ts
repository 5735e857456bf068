import type { Connection } from '@temporalio/client';

/** Whether Temporal can be reached. */
export type Reachable = () => Promise<boolean>;

const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const DEADLINE_MS = 1_000;
const FRESH_MS = 2_000;

/** Asks Temporal's own health service, at most once in two seconds. */
export function temporalReachable(connection: Connection): Reachable {
  let asked = Number.NEGATIVE_INFINITY;
  let last: Promise<boolean> = Promise.resolve(false);
  return () => {
    if (performance.now() - asked > FRESH_MS) {
      asked = performance.now();
      last = connection
        .withDeadline(Date.now() + DEADLINE_MS, () => connection.healthService.check({ service: SERVICE }))
        .then(
          () => true,
          () => false,
        );
    }
    return last;
  };
}
