import { createHash, randomUUID } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import {
  defaultPayloadConverter,
  defineSearchAttributeKey,
  SearchAttributeType,
  toPayloads,
} from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import { WRITE_MS } from '../../domain/alerts/send-time.ts';
import { Unavailable } from '../../domain/errors.ts';
import { alertSignals, taskQueues, workflowTypes } from '../../domain/temporal-contract.ts';
import type { AlertRuns } from '../../ports/alert-runs.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

const cityKey = defineSearchAttributeKey('City', SearchAttributeType.KEYWORD);
const phaseKey = defineSearchAttributeKey('Phase', SearchAttributeType.KEYWORD);

/**
 * The maximum number of senders whose last wake is remembered. A sender that was woken for an instant is not woken for
 * this instant again.
 */
const MAX_REMEMBERED = 10_000;

export interface AlertRunsOptions {
  /** Returns the current time in epoch ms. */
  readonly clock?: () => number;
  /** The timeout of a call, in ms. */
  readonly timeoutMs?: number;
}

/** Starts and signals the runs of the alerts. */
export function temporalAlertRuns(
  client: Client,
  { clock = Date.now, timeoutMs = DEFAULT_TIMEOUT_MS }: AlertRunsOptions = {},
): AlertRuns {
  const lastWakes = new Map<string, number>();
  const call = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await client.withAbortSignal(signal, () => client.withDeadline(Date.now() + timeoutMs, work));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WorkflowExecutionAlreadyStartedError) throw error;
      throw new Unavailable('TemporalUnavailable', `Temporal did not answer: ${String(error)}`, {
        cause: error,
      });
    }
  };

  return {
    async wakeSender(channelId, at, signal) {
      // Shortly before the instant or later, the sender may have looked for rows already, and must look again.
      const isEarly = at - clock() > WRITE_MS / 2;
      if (isEarly && lastWakes.get(channelId) === at) return;
      const requestId = isEarly ? wakeId(channelId, at) : randomUUID();
      const delayMs = Math.max(0, at - clock());
      await call(signal, () =>
        // The client has no options for the request id and the start delay of a signal-with-start.
        client.workflowService.signalWithStartWorkflowExecution({
          ...{ namespace: client.options.namespace, workflowId: `channel:${channelId}`, requestId },
          ...{ workflowType: { name: workflowTypes.channelSender }, taskQueue: { name: taskQueues.alerts } },
          input: { payloads: toPayloads(defaultPayloadConverter, { channelId }) ?? null },
          ...{ signalName: alertSignals.wake, identity: client.options.identity },
          signalInput: { payloads: toPayloads(defaultPayloadConverter, at) ?? null },
          searchAttributes: {
            indexedFields: {
              Phase: searchAttribute('Keyword', 'sending'),
              DeliverAt: searchAttribute('Datetime', new Date(at).toISOString()),
            },
          },
          ...(delayMs > 0 ? { workflowStartDelay: msToTs(delayMs) } : {}),
        }),
      );
      lastWakes.delete(channelId);
      lastWakes.set(channelId, at);
      const [oldest] = lastWakes.keys();
      if (lastWakes.size > MAX_REMEMBERED && oldest !== undefined) lastWakes.delete(oldest);
    },

    async startCity(adcode, date, signal) {
      try {
        await call(signal, () =>
          client.workflow.start(workflowTypes.alertCity, {
            ...{ workflowId: `alert:${adcode}:${date}`, taskQueue: taskQueues.alerts },
            // A run that has ended well has nothing left to do. The api starts it again if a subscription changes.
            workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
            args: [{ adcode, date }],
            typedSearchAttributes: [
              { key: cityKey, value: adcode },
              { key: phaseKey, value: 'waiting' },
            ],
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    },
  };
}

/** A search attribute has its type beside its value. */
const searchAttribute = (type: 'Keyword' | 'Datetime', value: string) => {
  const payload = defaultPayloadConverter.toPayload(value);
  return { ...payload, metadata: { ...payload.metadata, type: Buffer.from(type) } };
};

const wakeId = (channelId: string, at: number): string =>
  createHash('sha256')
    .update(JSON.stringify([channelId, at]))
    .digest('hex');
