import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { OtsError, OtsUnreachable } from '../../ots/ots-error.ts';

/**
 * What follows from a failure: nothing was done and it may be tried again; it may have been done or not; it will be
 * refused again. Source: the Go SDK's policy (4.1.3, tablestore/api.go, shouldRetry), and codes of flow control that it
 * does not know.
 */
export type Meaning = 'not done' | 'unclear' | 'refused';

const NOT_DONE: ReadonlySet<string> = new Set([
  'OTSRowOperationConflict',
  'OTSNotEnoughCapacityUnit',
  'OTSCapacityUnitExhausted',
  'OTSTableNotReady',
  'OTSPartitionUnavailable',
  'OTSServerBusy',
  'OTSStorageServerBusy',
  'OTSFlowControl',
  'OTSOperationThrottled',
]);
const UNCLEAR: ReadonlySet<string> = new Set([
  'OTSTimeout',
  'OTSRequestTimeout',
  'OTSInternalServerError',
  'OTSServerUnavailable',
]);
/** A row's failure in a batch has no status to go by. */
const REFUSED: ReadonlySet<string> = new Set([
  'OTSParameterInvalid',
  'OTSInvalidPK',
  'OTSConditionCheckFail',
  'OTSObjectNotExist',
  'OTSOutOfRowSizeLimit',
  'OTSOutOfColumnCountLimit',
  'OTSAuthFailed',
  'OTSNoPermissionAccess',
  'OTSQuotaExhausted',
  'OTSUnsupportedOperation',
]);

/** Undefined for what is no failure of the service. */
export function meaningOf(error: unknown): Meaning | undefined {
  if (error instanceof OtsUnreachable) return 'unclear';
  if (!(error instanceof OtsError)) return undefined;
  const { code, message, status } = error;
  // The one quota that comes back by itself, as the Go SDK tells it from the others.
  const tooFrequent = code === 'OTSQuotaExhausted' && message === 'Too frequent table operations.';
  if (tooFrequent || NOT_DONE.has(code)) return 'not done';
  if (UNCLEAR.has(code) || status >= 500 || status === 408 || status === 429) return 'unclear';
  return status >= 400 || REFUSED.has(code) ? 'refused' : 'unclear';
}

/** Whether the service says that a write's condition did not hold. */
export const isUnmet = (error: unknown): boolean =>
  error instanceof OtsError && error.code === 'OTSConditionCheckFail';

/**
 * Translates what went wrong while doing `what` (`reading weather adcode=110000`), once and for all; what is no failure
 * of the service stays as it is, since it is a bug.
 */
export function translateOtsError(error: unknown, what: string): unknown {
  const meaning = meaningOf(error);
  if (meaning === undefined) return error;
  const { code, requestId } = error instanceof OtsError ? error : { code: 'NoAnswer', requestId: undefined };
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  const sentence = messageOf(`${what}: ${code}: ${messageOf(error, 300)}${request}`);
  if (meaning === 'refused') return new InvalidInput(code, sentence, { cause: error });
  return new Unavailable(code, sentence, { cause: error });
}
