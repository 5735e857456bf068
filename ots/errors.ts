/**
 * What the service answered instead of a result: its own code and sentence. `status` is HTTP's, 0 where one row of a
 * batch failed.
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

/** There is no answer, or one that cannot be believed: cut short, or its checksum or signature does not match. */
export class OtsUnreachable extends Error {
  override readonly name = 'OtsUnreachable';
}

/**
 * What an error says about the call. `not done`: nothing was done, and it may be sent again. `unclear`: it may have been
 * done or not. `keys`: the service did not know our key, which passes while keys are rotated. `refused`: it will be
 * refused again. `final`: so will everything else, until a person has changed something.
 */
type OtsErrorKind = 'not done' | 'unclear' | 'keys' | 'refused' | 'final';

/**
 * The one table of the service's codes, for the data plane and the Tunnel Service. Sources: the vendor's documents; the Go
 * SDK's policy (4.1.3, tablestore/api.go, shouldRetry), and codes of flow control that it does not know.
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
    OTSAuthFailed: 'keys',
    // A row's failure in a batch has no status to go by.
    OTSParameterInvalid: 'refused',
    OTSInvalidPK: 'refused',
    OTSConditionCheckFail: 'refused',
    OTSObjectNotExist: 'refused',
    OTSOutOfRowSizeLimit: 'refused',
    OTSOutOfColumnCountLimit: 'refused',
    OTSNoPermissionAccess: 'refused',
    OTSQuotaExhausted: 'refused',
    OTSUnsupportedOperation: 'refused',
    OTSTunnelExpired: 'final',
    OTSPermissionDenied: 'final',
  }),
);

/** The one quota that comes back by itself, as the Go SDK tells it from the others. */
const TOO_FREQUENT_MESSAGE = 'Too frequent table operations.';

/** By the service's code, else by the status; undefined for what is no failure of the service. */
export function otsErrorKind(error: unknown): OtsErrorKind | undefined {
  if (error instanceof OtsUnreachable) return 'unclear';
  if (!(error instanceof OtsError)) return undefined;
  const { code, message, status } = error;
  if (code === 'OTSQuotaExhausted' && message === TOO_FREQUENT_MESSAGE) return 'not done';
  const known = KIND_BY_CODE.get(code);
  const isPassing = status >= 500 || status === 408 || status === 429;
  // A status that passes stands over a code that refuses.
  if (known === 'refused' || known === undefined)
    return isPassing || (known === undefined && status < 400) ? 'unclear' : 'refused';
  return known;
}

/** Whether a call that may be repeated is worth repeating. */
export function isRetryable(error: unknown): boolean {
  const verdict = otsErrorKind(error);
  return verdict === 'not done' || verdict === 'unclear' || verdict === 'keys';
}

/** Whether the service did not know our key: final at a start and for a person's command, since nobody rotates keys then. */
export const isUnknownKey = (error: unknown): boolean => otsErrorKind(error) === 'keys';

/** Bytes are not what the wire format says, or a value cannot be written in it. */
export class WireError extends Error {
  override readonly name = 'WireError';
}
