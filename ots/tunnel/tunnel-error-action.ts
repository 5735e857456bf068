import { isRetryable, OtsError, otsErrorKind } from '../errors.ts';

/** What an error of the Tunnel Service ends. */
export type TunnelErrorAction =
  /** Nothing: the same call is made again, after a wait. */
  | 'retry'
  /** The channel: it is given back, and begins anew from its checkpoint, here or elsewhere. */
  | 'channel'
  /** This client: a new one has to connect. */
  | 'client'
  /** Everything: only a person can help. */
  | 'fatal';

/** Where the call was made: about the tunnel as a whole, or about one channel. */
export type CallScope = 'tunnel' | 'channel';

export function tunnelErrorAction(error: unknown, scope: CallScope): TunnelErrorAction {
  if (isRetryable(error)) return 'retry';
  if (otsErrorKind(error) === 'final') return 'fatal';
  if (scope === 'channel') return 'channel';
  return error instanceof OtsError && error.code === 'OTSParameterInvalid' ? 'fatal' : 'client';
}
