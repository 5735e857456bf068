import { messageOf } from '../../domain/errors.ts';
import type { EmittedEvent } from '../../ports/event-sink.ts';
import type { AlertDeps } from './alert-deps.ts';

/**
 * Emits an event. If the sink does not accept it, logs this and does not fail. The ledger has the record anyway, and
 * messages must not wait for the sink.
 */
export async function emitOrLog(
  { events, log }: Pick<AlertDeps, 'events' | 'log'>,
  event: EmittedEvent,
  signal: AbortSignal,
): Promise<void> {
  try {
    await events.emit(event, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.warn(
      { type: event.type, id: event.id, reason: messageOf(error) },
      'the sink did not accept the event',
    );
  }
}
