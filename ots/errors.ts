/**
 * An error answer of the service, with its code and message. `status`: the HTTP status, or 0 if one row of a batch
 * failed.
 */
export class OtsError extends Error {
  override readonly name = 'OtsError';
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(
    code: string,
    message: string,
    { status = 0, requestId }: { status?: number; requestId?: string | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

/** There is no answer, or it cannot be trusted: it is incomplete, or its checksum or signature does not match. */
export class OtsUnreachable extends Error {
  override readonly name = 'OtsUnreachable';
}

/**
 * What an error means for the call.
 * - `not done`: the service did nothing. Retry.
 * - `unclear`: the service may or may not have executed the call.
 * - `unknown key`: the service does not know the access key. This is temporary while keys are rotated.
 * - `refused`: a retry of this call fails again.
 * - `all calls fail`: all calls fail until a person changes something.
 */
type OtsErrorKind = 'not done' | 'unclear' | 'unknown key' | 'refused' | 'all calls fail';

/**
 * The only table of the service's error codes, for the data plane and the Tunnel Service. Sources: the vendor's
 * documentation; the retry policy of the Go SDK (4.1.3, tablestore/api.go, shouldRetry); flow control codes that the
 * SDK does not know.
 */
const KIND_BY_CODE = new Map<string, OtsErrorKind>(
  Object.entries({
    OTSRowOperationConflict: 'not done',
    OTSNotEnoughCapacityUnit: 'not done',
    OTSCapacityUnitExhausted: 'not done',
    OTSTableNotReady: 'not done',
    OTSPartitionUnavailable: 'not done',
    OTSServerBusy: 'not done',
    OTSStorageServerBusy: 'not done',
    OTSFlowControl: 'not done',
    OTSOperationThrottled: 'not done',
    OTSTimeout: 'unclear',
    OTSRequestTimeout: 'unclear',
    OTSInternalServerError: 'unclear',
    OTSServerUnavailable: 'unclear',
    OTSTunnelServerUnavailable: 'unclear',
    OTSAuthFailed: 'unknown key',
    // These codes are in the table because an error of one row in a batch has no HTTP status.
    OTSParameterInvalid: 'refused',
    OTSInvalidPK: 'refused',
    OTSConditionCheckFail: 'refused',
    OTSObjectNotExist: 'refused',
    OTSOutOfRowSizeLimit: 'refused',
    OTSOutOfColumnCountLimit: 'refused',
    OTSNoPermissionAccess: 'refused',
    OTSQuotaExhausted: 'refused',
    OTSUnsupportedOperation: 'refused',
    OTSTunnelExpired: 'all calls fail',
    OTSPermissionDenied: 'all calls fail',
  }),
);

/** The message of the only quota error that is temporary. The Go SDK distinguishes it in the same way. */
const TOO_FREQUENT_MESSAGE = 'Too frequent table operations.';

/** Classifies an error of this client by its code, otherwise by its HTTP status. Returns undefined for other errors. */
export function otsErrorKind(error: unknown): OtsErrorKind | undefined {
  if (error instanceof OtsUnreachable) return 'unclear';
  if (!(error instanceof OtsError)) return undefined;
  const { code, message, status } = error;
  if (code === 'OTSQuotaExhausted' && message === TOO_FREQUENT_MESSAGE) return 'not done';
  const known = KIND_BY_CODE.get(code);
  const isTemporary = status >= 500 || status === 408 || status === 429;
  // A retryable status has priority over a code that means `refused`.
  if (known === 'refused' || known === undefined)
    return isTemporary || (known === undefined && status < 400) ? 'unclear' : 'refused';
  return known;
}

/** True if a call that is safe to repeat should be retried. */
export function isRetryable(error: unknown): boolean {
  const kind = otsErrorKind(error);
  return kind === 'not done' || kind === 'unclear' || kind === 'unknown key';
}

/**
 * True if the service does not know the access key. Some callers expect no rotation of keys: CLI commands, and the
 * start of a source whose access key cannot change. For them, this error is final.
 */
export const isUnknownKey = (error: unknown): boolean => otsErrorKind(error) === 'unknown key';

/** The bytes do not match the wire format, or a value cannot be encoded in it. */
export class WireError extends Error {
  override readonly name = 'WireError';
}
