import type { Pool } from 'undici';
import { ProviderFailed } from '../../domain/weather/provider-failure.ts';
import { limitedSignal } from '../../ots/limited-signal.ts';
import { type HttpAnswer, readAnswer } from './body.ts';

/** One call of a provider. */
export interface ForecastCall {
  /** With the query, and so with a key: said nowhere. */
  readonly path: string;
  /** Who is asked for what, for messages: `AMap for 杭州市 (330100)`. */
  readonly subject: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Makes one GET over a pool's kept connections, without following redirects and without trying again; gives the answer
 * whatever its status. Throws the signal's reason as soon as it is aborted, and ProviderFailed, transient, with the code
 * `timeout` when the whole answer is not there by the deadline, `network` when it cannot come, `unreadable` when it is
 * too long. What goes wrong below is told by its code only and is no cause: a path is in some of those errors.
 */
export async function exchangeForecast(pool: Pool, call: ForecastCall): Promise<HttpAnswer> {
  const { path, subject, deadlineMs, signal } = call;
  signal?.throwIfAborted();
  const limited = limitedSignal(signal, deadlineMs);
  try {
    const answer = await pool.request({
      ...{ method: 'GET', path, signal: limited.signal },
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
    });
    return await readAnswer(answer, subject);
  } catch (error) {
    signal?.throwIfAborted();
    if (limited.signal.aborted) throw failed('timeout', `${subject}: no answer within ${deadlineMs} ms`);
    if (error instanceof ProviderFailed) throw error;
    throw failed('network', `${subject}: the connection failed${codeOf(error)}`);
  } finally {
    limited.release();
  }
}

const failed = (code: string, reason: string) => new ProviderFailed({ class: 'transient', code, reason });

/** ` (ECONNRESET)`; of several addresses that were tried, the first's. */
function codeOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code: unknown =
    typeof first === 'object' && first !== null && 'code' in first ? first.code : undefined;
  return typeof code === 'string' && /^[A-Z_\d]{1,40}$/.test(code) ? ` (${code})` : '';
}
