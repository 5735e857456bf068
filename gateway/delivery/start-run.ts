import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import type { Start } from '../routes/route.ts';
import { type DeliveryMemo, startOptions } from './start-options.ts';

/** The events of the latest runs by the runs' ids, so that a quick redelivery is judged without asking Temporal. */
const REMEMBERED = 2_000;

/** An event's identity, and what it said as a hash. */
interface Said {
  readonly source: string;
  readonly id: string;
  readonly content: string;
}

/**
 * A starter of runs. A closed run of the same id counts as started before, for as long as the namespace remembers it.
 * A start that timed out may have happened; the redelivery then finds it.
 */
export function createStarter(
  client: Client,
): (start: Start, event: CloudEvent) => Promise<'started' | 'duplicate' | 'conflict'> {
  const said = new Map<string, Said>();
  const remember = (workflowId: string, what: Said): void => {
    said.set(workflowId, what);
    if (said.size > REMEMBERED) said.delete(said.keys().next().value ?? '');
  };
  /** What the run's event was; undefined when Temporal does not tell, which changes nothing about the answer. */
  const saidBefore = async (workflowId: string): Promise<Said | undefined> => {
    const known = said.get(workflowId);
    if (known !== undefined) return known;
    try {
      const { memo = {} } = await client.workflow.getHandle(workflowId).describe();
      const { event, delivery } = memo as { event?: Partial<Said>; delivery?: Partial<DeliveryMemo> };
      const { source, id } = event ?? {};
      const content = delivery?.content;
      if (source === undefined || id === undefined || content === undefined) return undefined;
      const what = { source, id, content };
      remember(workflowId, what);
      return what;
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
      remember(start.workflowId, { source: event.source, id: event.id, content });
      return 'started';
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const before = await saidBefore(start.workflowId);
      // A run of an exact id may be another event's, which says what it likes.
      const isSame = before?.source === event.source && before.id === event.id;
      return isSame && before.content !== content ? 'conflict' : 'duplicate';
    }
  };
}
