import { OtsError, OtsUnreachable } from '../ots-error.ts';

/** What an error of the Tunnel Service means for who gets it. */
export type Consequence =
  /** The same call again, after a wait. */
  | 'again'
  /** The channel is lost: it is given back, and begins anew from its checkpoint, here or elsewhere. */
  | 'channel'
  /** This client is lost: a new one has to connect. */
  | 'client'
  /** Nothing helps but a person. */
  | 'fatal';

/** Where the call was made: about the tunnel as a whole, or about one channel. */
export type Scope = 'tunnel' | 'channel';

/** Codes for which nothing helps, wherever they come. */
const FATAL = new Set(['OTSTunnelExpired', 'OTSPermissionDenied']);

/** Codes that pass, by the vendor's documents; all of 5xx does. */
const PASSING = new Set([
  'OTSTunnelServerUnavailable',
  'OTSServerBusy',
  'OTSServerUnavailable',
  'OTSPartitionUnavailable',
  'OTSTimeout',
  'OTSInternalServerError',
  'OTSFlowControl',
  // Keys that were just changed: the next call reads them anew.
  'OTSAuthFailed',
]);

/** Decides by the service's code, then by the status; what never reached the service passes, too. */
export function consequenceOf(error: unknown, scope: Scope): Consequence {
  if (error instanceof OtsUnreachable) return 'again';
  if (!(error instanceof OtsError)) return scope === 'channel' ? 'channel' : 'client';
  if (FATAL.has(error.code)) return 'fatal';
  if (PASSING.has(error.code) || error.status >= 500) return 'again';
  if (scope === 'channel') return 'channel';
  return error.code === 'OTSParameterInvalid' ? 'fatal' : 'client';
}
