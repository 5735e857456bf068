import { isUnknownKey, OtsError, OtsUnreachable } from '../ots/errors.ts';
import type { Patience } from '../ots/retry.ts';
import type { Transport } from '../ots/transport.ts';
import { CommandError } from './command.ts';
import { openTarget, type TablestoreTarget } from './tablestore-target.ts';

/** A person waits: what does not pass within seconds, or by itself, is said. */
export const peoplesPatience: Patience = {
  totalMs: 3_000,
  isFinal: isUnknownKey,
};

/** Does `work` over a connection of its own; what the service refuses is said of `what`, in the service's own words. */
export async function withTablestore<T>(
  target: TablestoreTarget,
  what: string,
  work: (transport: Transport) => Promise<T>,
): Promise<T> {
  const transport = openTarget(target);
  try {
    return await work(transport);
  } catch (error) {
    if (error instanceof OtsError) throw new CommandError(`${what}: ${error.code}: ${error.message}`);
    if (error instanceof OtsUnreachable) throw new CommandError(`${what}: ${error.message}`);
    throw error;
  } finally {
    transport.close();
  }
}
