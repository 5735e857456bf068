import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import type { Start } from '../routes/route.ts';
import { type DeliveryMemo, startOptions } from './start-options.ts';

/** Content of the latest runs by their id, so that a quick redelivery is judged without asking Temporal. */
const REMEMBERED = 2_000;

/**
 * A starter of runs. A closed run of the same id counts as started before, for as long as the namespace remembers it.
 * A start that timed out may have happened; the redelivery then finds it.
 */
export function createStarter(
  client: Client,
): (start: Start, event: CloudEvent) => Promise<'started' | 'duplicate' | 'conflict'> {
  const contents = new Map<string, string>();
  const remember = (workflowId: string, content: string): void => {
    contents.set(workflowId, content);
    if (contents.size > REMEMBERED) contents.delete(contents.keys().next().value ?? '');
  };
  /** What the run's event said; undefined when Temporal does not tell, which changes nothing about the answer. */
  const contentOf = async (workflowId: string): Promise<string | undefined> => {
    const known = contents.get(workflowId);
    if (known !== undefined) return known;
    try {
      const { memo } = await client.workflow.getHandle(workflowId).describe();
      const { content } = (memo?.delivery ?? {}) as Partial<DeliveryMemo>;
      if (content !== undefined) remember(workflowId, content);
      return content;
    } catch {
      return undefined;
    }
  };
  return async (start, event) => {
    const options = startOptions(start, event);
    const { content } = options.memo.delivery;
    try {
      await client.workflow.start(start.workflow, {
        ...options,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        ...(start.delayMs === undefined ? {} : { startDelay: start.delayMs }),
      });
      remember(start.workflowId, content);
      return 'started';
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const before = await contentOf(start.workflowId);
      return before === undefined || before === content ? 'duplicate' : 'conflict';
    }
  };
}
