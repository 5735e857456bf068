import { tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';

const { EventType } = proto.temporal.api.enums.v1;

/** After one of these events, a worker has something to do. */
const BUSY_EVENTS: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
  EventType.EVENT_TYPE_TIMER_FIRED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
]);

const CLOSING_EVENTS: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
]);

/** Returns true if a worker, or the server, has something to do for a run. A timer that is past can still be about to fire. */
export function isBusy(events: readonly proto.temporal.api.history.v1.IHistoryEvent[], now: number): boolean {
  const timers = new Map<string, number>();
  for (const event of events) {
    const { timerId, startToFireTimeout } = event.timerStartedEventAttributes ?? {};
    if (timerId) timers.set(timerId, tsToMs(event.eventTime) + tsToMs(startToFireTimeout));
    const ended = event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes;
    if (ended?.timerId) timers.delete(ended.timerId);
  }
  const last = events.at(-1)?.eventType ?? 0;
  if (CLOSING_EVENTS.has(last)) return false;
  return BUSY_EVENTS.has(last) || [...timers.values()].some((end) => end <= now);
}
