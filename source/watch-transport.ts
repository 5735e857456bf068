import { messageOf } from '../domain/errors.ts';
import { OtsError } from '../ots/ots-error.ts';
import type { Transport } from '../ots/transport.ts';
import { consequenceOf } from '../ots/tunnel/consequence.ts';
import type { Log } from '../runtime/log.ts';

/** A kind of failure that did not come for so long is told again. */
const QUIET_MS = 60_000;

/**
 * The same transport, whose calls that fail and are tried again are told: all to `onFailed`, with the path and a sentence,
 * and the first of each kind to the log.
 */
export function watchTransport(
  transport: Transport,
  log: Log,
  onFailed: (path: string, problem: string) => void,
): Transport {
  const lastAt = new Map<string, number>();
  const tell = (path: string, error: unknown): void => {
    const problem = messageOf(error);
    onFailed(path, problem);
    const kind = `${path} ${error instanceof OtsError ? error.code : 'no answer'}`;
    const now = performance.now();
    if (now - (lastAt.get(kind) ?? Number.NEGATIVE_INFINITY) > QUIET_MS)
      log.warn({ path, reason: problem }, 'Tablestore does not answer as it should, and is asked again');
    lastAt.set(kind, now);
  };
  return {
    async send(call) {
      try {
        return await transport.send(call);
      } catch (error) {
        if (call.signal?.aborted !== true && consequenceOf(error, 'channel') === 'again')
          tell(call.path, error);
        throw error;
      }
    },
    close: () => transport.close(),
  };
}
