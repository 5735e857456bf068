import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { METADATA_ENCODING_KEY, RawValue } from '@temporalio/common';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { contentHash } from '../../domain/content-hash.ts';
import { HOPS, hopsOf } from '../../domain/hops.ts';
import type { SignalledEvent } from '../../domain/signal-deduplication.ts';
import type { RunRequest } from '../routes/route.ts';
import { runSearchAttributes } from './search-attributes.ts';

/** The events of the latest runs by the runs' ids, so that a quick redelivery is judged without asking Temporal. */
const MAX_REMEMBERED_RUNS = 2_000;

/** An event's identity, and what it said as a hash. */
interface EventFingerprint {
  readonly source: string;
  readonly id: string;
  readonly content: string;
}

/**
 * A starter of runs. A closed run of the same id counts as started before, for as long as the namespace remembers it.
 * A start that timed out may have happened; the redelivery then finds it.
 */
export function createRunStarter(
  client: Client,
): (start: RunRequest, event: CloudEvent) => Promise<'started' | 'duplicate' | 'conflict'> {
  const fingerprints = new Map<string, EventFingerprint>();
  const remember = (workflowId: string, what: EventFingerprint): void => {
    fingerprints.set(workflowId, what);
    if (fingerprints.size > MAX_REMEMBERED_RUNS) fingerprints.delete(fingerprints.keys().next().value ?? '');
  };
  /** What the run's event was; undefined when Temporal does not tell, which changes nothing about the answer. */
  const findFingerprint = async (workflowId: string): Promise<EventFingerprint | undefined> => {
    const known = fingerprints.get(workflowId);
    if (known !== undefined) return known;
    try {
      const { memo = {} } = await client.workflow.getHandle(workflowId).describe();
      const { event, delivery } = memo as {
        event?: Partial<EventFingerprint>;
        delivery?: Partial<DeliveryMemo>;
      };
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
      const before = await findFingerprint(start.workflowId);
      // A run of an exact id may be another event's, which says what it likes.
      const isSame = before?.source === event.source && before.id === event.id;
      return isSame && before.content !== content ? 'conflict' : 'duplicate';
    }
  };
}

/** What the memo keeps beside the event: what is needed to judge a duplicate, a circle and a late wake-up. */
interface DeliveryMemo {
  readonly content: string;
  readonly expirytime?: string;
  readonly [HOPS]?: number;
}

/** The options that a start and a signal-with-start share. */
export function startOptions(start: RunRequest, event: CloudEvent) {
  const { id, source, type, subject, time, attributes } = event;
  const hops = hopsOf(attributes);
  const delivery: DeliveryMemo = {
    content: contentHash(event),
    ...(attributes.expirytime === undefined ? {} : { expirytime: String(attributes.expirytime) }),
    ...(hops === 0 ? {} : { [HOPS]: hops }),
  };
  return {
    taskQueue: start.queue,
    workflowId: start.workflowId,
    args: [workflowArgument(start)],
    memo: { event: { id, source, type, subject: subject ?? null, time: time ?? null }, delivery },
    staticSummary: `${type} ${subject ?? id}`.slice(0, 200),
    typedSearchAttributes: runSearchAttributes(start.route, event),
  };
}

/** The workflow's argument; as a text it goes to Temporal as it is. */
function workflowArgument({ argument, argumentText }: RunRequest): unknown {
  return argumentText === undefined ? argument : rawJsonPayload(argumentText);
}

/** A signal's argument: which event it is of, and the input. */
export function signalArgument(
  { argument, argumentText }: RunRequest,
  { source, id, attributes }: CloudEvent,
): unknown {
  const hops = hopsOf(attributes);
  const event = { source, id, ...(hops === 0 ? {} : { [HOPS]: hops }) };
  if (argumentText === undefined) return { event, input: argument } satisfies SignalledEvent;
  return rawJsonPayload(`{"event":${JSON.stringify(event)},"input":${argumentText}}`);
}

const rawJsonPayload = (text: string): RawValue =>
  RawValue.fromPayload({
    metadata: { [METADATA_ENCODING_KEY]: Buffer.from('json/plain') },
    data: Buffer.from(text, 'utf8'),
  });
