import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { isRetryable, OtsError, otsErrorKind } from '../../ots/errors.ts';

/**
 * A repeatable request may be retried if the service did not reject it. Other requests may be retried only if the
 * service says that it did not execute them.
 */
export const mayRetry = (error: unknown, repeatable: boolean): boolean =>
  otsErrorKind(error) === 'unclear' ? repeatable : isRetryable(error);

/** Translates an error of the service. Throws any other error unchanged, because it is a bug. */
export function translateOrThrow(error: unknown, action: string): InvalidInput | Unavailable {
  const translated = translateOtsError(error, action);
  if (translated === error) throw error;
  return translated as InvalidInput | Unavailable;
}

/** True if the service says that a write's condition is not met. */
export const isConditionUnmet = (error: unknown): boolean =>
  error instanceof OtsError && error.code === 'OTSConditionCheckFail';

/**
 * Translates an error of the service. `action` is the start of the message, such as `reading weather adcode=1`. Any
 * other error stays unchanged, because it is a bug.
 */
export function translateOtsError(error: unknown, action: string): unknown {
  const kind = otsErrorKind(error);
  if (kind === undefined) return error;
  const { code, requestId } = error instanceof OtsError ? error : { code: 'NoAnswer', requestId: undefined };
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  const sentence = messageOf(`${action}: ${code}: ${messageOf(error, 300)}${request}`);
  if (!isRetryable(error)) return new InvalidInput(code, sentence, { cause: error });
  return new Unavailable(code, sentence, { cause: error });
}
