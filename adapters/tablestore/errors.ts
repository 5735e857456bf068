import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { isRetryable, OtsError, otsErrorKind } from '../../ots/errors.ts';

/** Reads may be sent again unless the service refused; other things only where it said that nothing was done. */
export const mayRetry = (error: unknown, repeatable: boolean): boolean =>
  otsErrorKind(error) === 'unclear' ? repeatable : isRetryable(error);

/** A failure of the service, translated; anything else is a bug and thrown. */
export function requireTranslated(error: unknown, what: string): InvalidInput | Unavailable {
  const translated = translateOtsError(error, what);
  if (translated === error) throw error;
  return translated as InvalidInput | Unavailable;
}

/** Whether the service says that a write's condition did not hold. */
export const isConditionUnmet = (error: unknown): boolean =>
  error instanceof OtsError && error.code === 'OTSConditionCheckFail';

/**
 * Translates what went wrong while doing `what` (`reading weather adcode=110000`), once and for all; what is no failure
 * of the service stays as it is, since it is a bug.
 */
export function translateOtsError(error: unknown, what: string): unknown {
  const verdict = otsErrorKind(error);
  if (verdict === undefined) return error;
  const { code, requestId } = error instanceof OtsError ? error : { code: 'NoAnswer', requestId: undefined };
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  const sentence = messageOf(`${what}: ${code}: ${messageOf(error, 300)}${request}`);
  if (!isRetryable(error)) return new InvalidInput(code, sentence, { cause: error });
  return new Unavailable(code, sentence, { cause: error });
}
