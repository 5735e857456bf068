import { setTimeout as sleep } from 'node:timers/promises';
import type { TunnelApi } from './api.ts';
import { type Process, ProcessFailed } from './channel-reader.ts';
import { type ClientOptions, TunnelClient } from './client.ts';
import { consequenceOf } from './consequence.ts';
import type { TunnelObserver } from './observer.ts';

/** Waits before connecting again: the first up to a second, so that clients that were lost together come apart. */
const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/** A client that worked for so long was fine. */
const SETTLED_MS = 60_000;

/**
 * Consumes a tunnel until the signal, connecting again whenever its client is lost. Every record is processed at least
 * once, in order within its channel; the checkpoint moves only after `process`.
 * @throws ProcessFailed for what `process` threw, OtsError for what the service will not forgive: expired, no permission,
 * no such tunnel
 */
export async function consumeTunnel(
  api: TunnelApi,
  process: Process,
  options: ClientOptions,
  signal: AbortSignal,
  observer: TunnelObserver = {},
): Promise<void> {
  const { tunnelId, timeoutMs, clientTag } = options;
  let waitMs = FIRST_MS;
  while (!signal.aborted) {
    let connectedAt = performance.now();
    try {
      // The service counts from the try that it answers, which may come long after the first.
      const before = (): void => {
        connectedAt = performance.now();
      };
      const ref = await api.connect(tunnelId, timeoutMs, clientTag, { signal, before });
      observer.connected?.(ref.clientId);
      await new TunnelClient(api, ref, process, options, { connectedAt, observer }).run(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ProcessFailed || consequenceOf(error, 'tunnel') === 'fatal') throw error;
      if (performance.now() - connectedAt > SETTLED_MS) waitMs = FIRST_MS;
      const againMs = waitMs * (0.5 + Math.random());
      observer.lost?.(error, Math.round(againMs));
      await sleep(againMs, undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, LONGEST_MS);
    }
  }
}
