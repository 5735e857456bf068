import { type Client, isGrpcServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { CloudEvent } from '../domain/cloud-event.ts';
import { InvalidInput, messageOf, Unavailable } from '../domain/errors.ts';
import { keyword } from '../domain/workflow-id.ts';
import type { Start } from './routes/route.ts';

const routeKey = defineSearchAttributeKey('Route', SearchAttributeType.KEYWORD);
const sourceKey = defineSearchAttributeKey('EventSource', SearchAttributeType.KEYWORD);
const eventIdKey = defineSearchAttributeKey('EventId', SearchAttributeType.KEYWORD_LIST);

/** gRPC's code for an argument that the server will never take. */
const INVALID_ARGUMENT = 3;

/** Starts a run for an event, durably and before `deadline` (epoch ms), or finds that it was started before. */
export type Starter = (start: Start, event: CloudEvent, deadline: number) => Promise<'started' | 'duplicate'>;

/**
 * A starter on Temporal. A closed run of the same id counts as started before, for as long as the namespace remembers
 * it. Answers by the deadline, or throws `Unavailable`: the client's own retries go on for longer than any sender
 * waits. A start that timed out may have happened; the redelivery then finds it.
 */
export function temporalStarter(client: Client): Starter {
  return async (start, event, deadline) => {
    const { id, source, type, subject, time } = event;
    const about = { id, source, type, subject: subject ?? null, time: time ?? null };
    try {
      await client.withDeadline(deadline, () =>
        client.workflow.start(start.workflow, {
          taskQueue: start.queue,
          workflowId: start.workflowId,
          args: [start.argument],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          memo: { event: about },
          staticSummary: `${type} ${subject ?? id}`.slice(0, 200),
          typedSearchAttributes: [
            { key: routeKey, value: start.route },
            { key: sourceKey, value: keyword(source) },
            { key: eventIdKey, value: [keyword(id)] },
          ],
        }),
      );
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'duplicate';
      throw translated(error, start);
    }
  };
}

function translated(error: unknown, { workflowId }: Start): Error {
  const cause = error instanceof Error ? error.cause : undefined;
  const grpc = [error, cause].find(isGrpcServiceError);
  const said = messageOf(grpc?.details || cause || error, 200);
  if (grpc?.code === INVALID_ARGUMENT) {
    return new InvalidInput('Unstartable', `workflow ${workflowId} cannot be started: ${said}`, {
      cause: error,
    });
  }
  return new Unavailable('TemporalUnavailable', `Temporal did not take workflow ${workflowId}: ${said}`, {
    cause: error,
  });
}
