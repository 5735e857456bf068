import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../../domain/backoff.ts';
import { type ProcessBatch, ProcessingFailed } from './channel-reader.ts';
import type { TunnelApi } from './tunnel-api.ts';
import { TunnelClient, type TunnelClientOptions } from './tunnel-client.ts';
import { tunnelErrorAction } from './tunnel-error-action.ts';
import type { TunnelObserver } from './tunnel-observer.ts';

/** Waits before a reconnect. The jitter spreads clients that were lost at the same time. */
const RECONNECT_BACKOFF = { firstMs: 500, longestMs: 10_000, jitter: 0.5 };

/** A client that worked for this long resets the backoff. */
const STABLE_MS = 60_000;

/**
 * Consumes a tunnel until the signal is aborted. Reconnects whenever its client is lost. Every record is processed at
 * least once, in order within its channel. The checkpoint moves only after `process` has resolved.
 * @throws ProcessingFailed if `process` throws; OtsError if only a person can help, because the tunnel is expired or
 * does not exist, or because permissions are missing
 */
export async function consumeTunnel(
  api: TunnelApi,
  process: ProcessBatch,
  options: TunnelClientOptions,
  signal: AbortSignal,
  observer: TunnelObserver = {},
): Promise<void> {
  const { tunnelId, timeoutMs, clientTag } = options;
  const backoff = new Backoff(RECONNECT_BACKOFF);
  while (!signal.aborted) {
    let connectedAt = performance.now();
    try {
      // The service counts the client's timeout from the attempt that it answers. This attempt may be a retry, so
      // each attempt resets the time.
      const beforeAttempt = (): void => {
        connectedAt = performance.now();
      };
      const ref = await api.connect(tunnelId, timeoutMs, clientTag, { signal, beforeAttempt });
      observer.connected?.(ref.clientId);
      await new TunnelClient(api, ref, process, options, { connectedAt, observer }).run(signal);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ProcessingFailed || tunnelErrorAction(error, 'tunnel') === 'fatal') throw error;
      if (performance.now() - connectedAt > STABLE_MS) backoff.reset();
      const reconnectMs = backoff.next();
      observer.lost?.(error, Math.round(reconnectMs));
      await sleep(reconnectMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
