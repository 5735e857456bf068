import { Pool } from 'undici';
import type { ForecastProvider } from '../../ports/forecast-provider.ts';

/** A provider with connections, which end when it is closed; calls that are under way fail then. */
export type OpenedProvider = ForecastProvider & { close(): Promise<void> };

/** More than calls are under way at any rate that a provider allows. */
const CONNECTIONS = 64;

/** Kept connections to a provider's endpoint, and the path that is before all paths there: '' or `/base`. */
export function forecastPool(endpoint: string, deadlineMs: number): { pool: Pool; base: string } {
  const { origin, pathname } = new URL(endpoint);
  const pool = new Pool(origin, {
    // Each call has a deadline of its own; undici's time-outs would be two timers more.
    ...{ connections: CONNECTIONS, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 },
    connect: { timeout: deadlineMs },
  });
  return { pool, base: pathname.replace(/\/+$/, '') };
}
