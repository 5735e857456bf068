import { isGrpcServiceError } from '@temporalio/client';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';

/** The gRPC code for an invalid argument. A retry cannot succeed. */
const INVALID_ARGUMENT = 3;

/** Errors of gRPC itself, without an answer from Temporal. */
const UNREACHABLE_MESSAGES: ReadonlyMap<number, string> = new Map([
  [4, 'Temporal did not answer in time'],
  [14, 'Temporal cannot be reached'],
]);

/** Translates an error of Temporal: `InvalidInput` if a retry cannot succeed, otherwise `Unavailable`. */
export function translateTemporalError(error: unknown, workflowId: string): Error {
  if (error instanceof InvalidInput || error instanceof Unavailable) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  const grpc = [error, cause].find(isGrpcServiceError);
  const detail = messageOf(grpc?.details || cause || error, 200);
  // If search attributes are missing, the namespace is not set up. The event is not wrong, and a later retry can
  // succeed.
  const isSetupProblem = /search attribute/i.test(detail);
  // If a message is over 4 MB, Temporal answers as if it were overloaded.
  if ((grpc?.code === INVALID_ARGUMENT && !isSetupProblem) || /message larger than max/.test(detail)) {
    return new InvalidInput('Unstartable', `workflow ${workflowId} cannot be started: ${detail}`, {
      cause: error,
    });
  }
  // Only the log may contain network addresses, so the sender gets a fixed sentence.
  const reason = grpc?.code === undefined ? undefined : UNREACHABLE_MESSAGES.get(grpc.code);
  const sentence = reason ?? `Temporal did not accept workflow ${workflowId}: ${detail}`;
  return new Unavailable('TemporalUnavailable', sentence, { cause: new Error(detail, { cause: error }) });
}
