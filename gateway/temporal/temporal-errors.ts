import { isGrpcServiceError } from '@temporalio/client';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';

/** gRPC's code for an argument that the server will never take. */
const INVALID_ARGUMENT = 3;

/** What gRPC itself says, without having asked Temporal. */
const UNREACHABLE_MESSAGES: ReadonlyMap<number, string> = new Map([
  [4, 'Temporal did not answer in time'],
  [14, 'Temporal cannot be reached'],
]);

/** Says what Temporal's answer means: `InvalidInput` for what it will never take, else `Unavailable`. */
export function translateTemporalError(error: unknown, workflowId: string): Error {
  if (error instanceof InvalidInput || error instanceof Unavailable) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  const grpc = [error, cause].find(isGrpcServiceError);
  const said = messageOf(grpc?.details || cause || error, 200);
  // A namespace without our search attributes is not the event's fault: it waits until they are there.
  const isOurFault = /search attribute/i.test(said);
  // A message over 4 MB is refused as if the server were busy.
  if ((grpc?.code === INVALID_ARGUMENT && !isOurFault) || /message larger than max/.test(said)) {
    return new InvalidInput('Unstartable', `workflow ${workflowId} cannot be started: ${said}`, {
      cause: error,
    });
  }
  // Addresses of ours are for our log only.
  const why = grpc?.code === undefined ? undefined : UNREACHABLE_MESSAGES.get(grpc.code);
  const sentence = why ?? `Temporal did not take workflow ${workflowId}: ${said}`;
  return new Unavailable('TemporalUnavailable', sentence, { cause: new Error(said, { cause: error }) });
}
