import { continueAsNew, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { AlertActivities } from '../activities/alerts/activities.ts';
import { alertSignals } from '../domain/temporal-contract.ts';
import { trackProgress } from './track-progress.ts';
import { WakeTimers } from './wake-timers.ts';

export interface ChannelSenderInput {
  readonly channelId: string;
  /** The number of messages that the runs before this one have sent. */
  readonly sent?: number;
}

const { sendDue } = proxyActivities<Pick<AlertActivities, 'sendDue'>>({
  startToCloseTimeout: '5m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/**
 * Sends what is due in one channel, within its limits, and ends when nothing is left. There is one run for each channel at a
 * time, so the limits hold over all workers.
 */
export async function channelSender({
  channelId,
  sent: before = 0,
}: ChannelSenderInput): Promise<{ sent: number }> {
  let isWoken = false;
  setHandler(defineSignal(alertSignals.wake), () => {
    isWoken = true;
  });
  const timers = new WakeTimers();
  const progress = trackProgress('messages');
  progress.enterFirst('sending', []);
  let sent = before;
  for (;;) {
    isWoken = false;
    progress.show('sending');
    const result = await sendDue({ channelId, now: Date.now() });
    sent += result.sent;
    progress.update({ done: sent });
    if (result.wakeAt !== undefined) {
      progress.show('waiting');
      await timers.waitUntil(result.wakeAt, () => isWoken);
    } else if (!isWoken) break;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof channelSender>({ channelId, sent });
  }
  progress.show('done');
  return { sent };
}
