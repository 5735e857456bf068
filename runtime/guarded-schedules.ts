import { type Client, type ConnectionLike, ScheduleClient, type WorkflowService } from '@temporalio/client';

type Described = Parameters<WorkflowService['describeSchedule']>[0];
type Updated = Parameters<WorkflowService['updateSchedule']>[0];

/**
 * A client of Schedules whose updates are dropped by the server, without an error, when somebody has changed the Schedule
 * since it was described last: the SDK's own, read and written without this, would undo a pause that came between.
 */
export function guardedSchedules({ connection, options }: Client): ScheduleClient {
  const { workflowService } = connection;
  let conflictToken: Uint8Array | undefined;
  const service: WorkflowService = Object.create(workflowService, {
    describeSchedule: {
      async value(request: Described) {
        const description = await workflowService.describeSchedule(request);
        ({ conflictToken } = description);
        return description;
      },
    },
    updateSchedule: {
      value: (request: Updated) =>
        workflowService.updateSchedule({ ...request, conflictToken: conflictToken ?? null }),
    },
  });
  const guarded: ConnectionLike = Object.create(connection, { workflowService: { value: service } });
  return new ScheduleClient({ connection: guarded, namespace: options.namespace });
}
