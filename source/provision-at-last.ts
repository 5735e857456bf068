import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInput, messageOf } from '../domain/errors.ts';
import type { TablesApi } from '../ots/tables.ts';
import type { TunnelApi } from '../ots/tunnel/api.ts';
import { consequenceOf } from '../ots/tunnel/consequence.ts';
import type { Log } from '../runtime/log.ts';
import { provision, type Wanted } from './provision.ts';

export interface ProvisionDeps {
  readonly tables: TablesApi;
  readonly tunnels: TunnelApi;
  readonly log: Log;
  /** Told why it is not done yet. */
  readonly onProblem: (sentence: string) => void;
}

/** Between tries to find table and tunnel while the service cannot be reached, or refuses. */
const AGAIN_MS = 5_000;

/**
 * The id of the tunnel, once it and the table are there: tries until they are, for a table may still be made, and whoever
 * starts everything at once need not start again.
 * @throws what only a person can mend
 */
export async function provisionAtLast(
  { tables, tunnels, log, onProblem }: ProvisionDeps,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      const { tunnelId, made, drift } = await provision(tables, tunnels, wanted, signal);
      for (const what of made) log.info({ made: what }, 'made what was absent');
      for (const sentence of drift)
        log.warn({ drift: sentence }, 'found otherwise than configured, left as it is');
      return tunnelId;
    } catch (error) {
      signal.throwIfAborted();
      if (isFinal(error)) throw error;
      onProblem(messageOf(error));
      log.warn({ reason: messageOf(error) }, 'table and tunnel could not be looked at yet');
      await sleep(AGAIN_MS, undefined, { signal });
    }
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof InvalidInput ? error.type !== 'NoTable' : consequenceOf(error, 'tunnel') === 'fatal';
