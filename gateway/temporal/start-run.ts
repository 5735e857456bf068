import { createHash } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { METADATA_ENCODING_KEY, RawValue } from '@temporalio/common';
import type { CloudEvent } from '../../domain/cloud-event.ts';
import { contentHash } from '../../domain/content-hash.ts';
import { HOPS, hopsOf } from '../../domain/hops.ts';
import { markdownText } from '../../domain/markdown-text.ts';
import type { SignalledEvent } from '../../domain/signal-deduplication.ts';
import type { RunRequest } from '../routes/route.ts';
import { routeSearchAttributes, runSearchAttributes, valuesOfHashedAttributes } from './search-attributes.ts';

/** The number of latest runs whose events are remembered, so that a quick redelivery needs no call to Temporal. */
const MAX_REMEMBERED_RUNS = 2_000;

/** Hashes of an event's identity and of its content. */
interface EventFingerprint {
  /** A hash, because ids can be long, and thousands of fingerprints are kept. */
  readonly identity: string;
  readonly content: string;
}

const identityHash = ({ source, id }: { readonly source: string; readonly id: string }): string =>
  createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('base64');

/**
 * Creates a function that starts runs. If a run with the same workflow id exists, the event is a duplicate or a
 * conflict. This includes closed runs, as long as the namespace retains them. If a start timed out, it may have
 * succeeded. Then the redelivery finds the run.
 */
export function createRunStarter(
  client: Client,
): (start: RunRequest, event: CloudEvent) => Promise<'started' | 'duplicate' | 'conflict'> {
  const fingerprints = new Map<string, EventFingerprint>();
  const remember = (workflowId: string, fingerprint: EventFingerprint): void => {
    fingerprints.set(workflowId, fingerprint);
    if (fingerprints.size > MAX_REMEMBERED_RUNS) fingerprints.delete(fingerprints.keys().next().value ?? '');
  };
  /** Returns the fingerprint of a run's event. Returns undefined if Temporal fails: the sender gets 202 in any case. */
  const findFingerprint = async (workflowId: string): Promise<EventFingerprint | undefined> => {
    const known = fingerprints.get(workflowId);
    if (known !== undefined) return known;
    try {
      const { memo = {} } = await client.workflow.getHandle(workflowId).describe();
      const { event, delivery } = memo as {
        event?: { readonly source?: string; readonly id?: string };
        delivery?: Partial<DeliveryMemo>;
      };
      const { source, id } = event ?? {};
      const content = delivery?.content;
      if (source === undefined || id === undefined || content === undefined) return undefined;
      const fingerprint = { identity: identityHash({ source, id }), content };
      remember(workflowId, fingerprint);
      return fingerprint;
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
      remember(start.workflowId, { identity: identityHash(event), content });
      return 'started';
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const existing = await findFingerprint(start.workflowId);
      // With an exact id, another event may have started the run. Then other content is not a conflict.
      const isSame = existing?.identity === identityHash(event);
      return isSame && existing.content !== content ? 'conflict' : 'duplicate';
    }
  };
}

/** The maximum length of the summary of a run, in characters. Lists show it on one line. */
export const MAX_SUMMARY_LENGTH = 200;

/** Additional data in the memo, to recognise duplicates, event loops and expired events. */
interface DeliveryMemo {
  readonly content: string;
  readonly expirytime?: string;
  readonly [HOPS]?: number;
}

/** Returns the options that start and signal-with-start have in common. */
export function startOptions(start: RunRequest, event: CloudEvent) {
  const { id, source, type, subject, time, attributes } = event;
  const hops = hopsOf(attributes);
  const delivery: DeliveryMemo = {
    content: contentHash(event),
    ...(attributes.expirytime === undefined ? {} : { expirytime: String(attributes.expirytime) }),
    ...(hops === 0 ? {} : { [HOPS]: hops }),
  };
  const hashed = valuesOfHashedAttributes(start.attributes);
  return {
    taskQueue: start.queue,
    workflowId: start.workflowId,
    args: [workflowArgument(start)],
    memo: {
      event: { id, source, type, subject: subject ?? null, time: time ?? null },
      delivery,
      ...(Object.keys(hashed).length === 0 ? {} : { searchAttributes: hashed }),
    },
    staticSummary: markdownText(`${type} ${subject ?? id}`, MAX_SUMMARY_LENGTH),
    typedSearchAttributes: [
      ...runSearchAttributes(start.route, event),
      ...routeSearchAttributes(start.attributes),
    ],
  };
}

/** Returns the workflow's argument. `argumentText` goes to Temporal unchanged. */
function workflowArgument({ argument, argumentText }: RunRequest): unknown {
  return argumentText === undefined ? argument : rawJsonPayload(argumentText);
}

/** Returns a signal's argument: the identity of the event, and the input. */
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
