import { isRetryable, OtsError, otsErrorKind } from '../errors.ts';

/** What must be done after an error of the Tunnel Service. */
export type TunnelErrorAction =
  /** Repeat the same call after a wait. */
  | 'retry'
  /** Give the channel back. The channel restarts from its checkpoint, in this client or another one. */
  | 'channel'
  /** End this client. A new one connects. */
  | 'client'
  /** Stop everything: only a person can help. */
  | 'fatal';

/** What the call was about: the tunnel as a whole, or one channel. */
export type CallScope = 'tunnel' | 'channel';

export function tunnelErrorAction(error: unknown, scope: CallScope): TunnelErrorAction {
  if (isRetryable(error)) return 'retry';
  if (otsErrorKind(error) === 'all calls fail') return 'fatal';
  if (scope === 'channel') return 'channel';
  return error instanceof OtsError && error.code === 'OTSParameterInvalid' ? 'fatal' : 'client';
}
