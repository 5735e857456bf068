import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { addDays, localDay } from '../../domain/alerts/local-time.ts';
import { messageOf, Unavailable } from '../../domain/errors.ts';
import { alertSignals, PLACE_ZONE, taskQueues, workflowTypes } from '../../domain/temporal-contract.ts';
import type { AlertRuns } from '../../ports/alert-runs.ts';
import type { AlertSignals } from './alert-deps.ts';

/** How long a request may wait for Temporal. */
export const SIGNAL_TIMEOUT_MS = 2_000;

const cityKey = defineSearchAttributeKey('City', SearchAttributeType.KEYWORD);
const phaseKey = defineSearchAttributeKey('Phase', SearchAttributeType.KEYWORD);

/** Signals the runs of the alerts in Temporal. */
export function createAlertSignals(
  client: Client,
  runs: Pick<AlertRuns, 'wakeSender'>,
  clock: () => number,
): AlertSignals {
  const call = async (action: string, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> => {
    try {
      await client.withAbortSignal(signal, () => client.withDeadline(Date.now() + SIGNAL_TIMEOUT_MS, work));
    } catch (error) {
      signal.throwIfAborted();
      throw new Unavailable('TemporalUnavailable', `${action}: ${messageOf(error)}`, { cause: error });
    }
  };
  const { subscriptionChanged } = alertSignals;
  return {
    async subscriptionChanged(adcode, signal) {
      const today = localDay(clock(), PLACE_ZONE);
      const date = addDays(today, 1);
      await call(`signalling the alerts of ${adcode}`, signal, async () => {
        await client.workflow.signalWithStart(workflowTypes.alertCity, {
          ...{ workflowId: `alert:${adcode}:${date}`, taskQueue: taskQueues.alerts },
          ...{ args: [{ adcode, date }], signal: subscriptionChanged },
          // If the run itself set these attributes, this would be an action, which a hosted Temporal bills.
          typedSearchAttributes: [
            { key: cityKey, value: adcode },
            { key: phaseKey, value: 'waiting' },
          ],
        });
        // The run for today has only corrections left to send. Usually, this run is not open.
        try {
          await client.workflow.getHandle(`alert:${adcode}:${today}`).signal(subscriptionChanged);
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      });
    },
    wakeSender: (channelId, signal) => runs.wakeSender(channelId, clock(), signal),
  };
}
