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
 * Sends what is due in one channel, within its limits, and ends when nothing is left. There is one run for each channel
 * at a time, so the limits hold over all workers.
 */
export async function channelSender({
  channelId,
  sent: before = 0,
}: ChannelSenderInput): Promise<{ sent: number }> {
  const wakes = new WakeSignals();
  const timers = new WakeTimers();
  const progress = trackProgress('messages');
  progress.enterFirst('sending', []);
  let sent = before;
  // The run is started with a start delay. If another signal arrives during this delay, Temporal starts the run at once,
  // even if no message is due yet. So a new run waits until a message may be due.
  // A run that continues as new may still have messages to send.
  if (workflowInfo().continuedFromExecutionRunId === undefined) await waitForNext(wakes, timers);
  for (;;) {
    wakes.forget();
    progress.show('sending');
    const result = await sendDue({ channelId, now: Date.now() });
    sent += result.sent;
    progress.update({ done: sent });
    if (result.wakeAt === undefined && wakes.earliest === undefined) break;
    progress.show('waiting');
    await waitForNext(wakes, timers, result.wakeAt);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof channelSender>({ channelId, sent });
  }
  progress.show('done');
  return { sent };
}

/** The instants for which the signal `wake` says that a message may be due. */
class WakeSignals {
  /** The earliest instant, in epoch ms, that was not handled. */
  earliest: number | undefined;

  constructor() {
    // Earlier versions and people send the signal without an instant.
    setHandler(defineSignal<[at?: unknown]>(alertSignals.wake), (at) => {
      const instant = typeof at === 'number' && Number.isFinite(at) ? at : 0;
      this.earliest = Math.min(instant, this.earliest ?? instant);
    });
  }

  isDue(): boolean {
    return this.earliest !== undefined && this.earliest <= Date.now();
  }

  forget(): void {
    this.earliest = undefined;
  }
}

/** Waits until `wakeAt` or the earliest instant of a signal, whichever comes first. Without both, does not wait. */
async function waitForNext(
  wakes: WakeSignals,
  timers: WakeTimers,
  wakeAt = Number.POSITIVE_INFINITY,
): Promise<void> {
  for (;;) {
    const at = Math.min(wakeAt, wakes.earliest ?? wakeAt);
    if (at === Number.POSITIVE_INFINITY) return;
    const isEarlier = await timers.waitUntil(at, () => wakes.isDue() || (wakes.earliest ?? at) < at);
    if (!isEarlier || wakes.isDue()) return;
  }
}
