import { isGrpcServiceError } from '@temporalio/client';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import { searchAttributes } from '../../domain/temporal-contract.ts';

/** Codes of gRPC. A code that no rule names is `unavailable`: see `ERROR_RULES`. */
const DEADLINE_EXCEEDED = 4;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

const SIGNAL_LIMIT = /exceeded workflow execution limit/i;

/** What an error of a start or a signal means: a retry can succeed, or the request itself is wrong. */
type Meaning = 'unavailable' | 'wrong request';

interface ErrorRule {
  readonly code: number;
  /** Absent: every error with this code. */
  readonly details?: RegExp;
  readonly meaning: Meaning;
}

/**
 * The errors of StartWorkflowExecution and SignalWithStartWorkflowExecution, from the source of Temporal's server
 * 1.29.1. The first rule that fits decides. Errors without a rule are `unavailable`. Among them are:
 * - NOT_FOUND: no such namespace
 * - PERMISSION_DENIED, UNAUTHENTICATED: the gateway's credentials
 * - FAILED_PRECONDITION: the namespace is being moved or deleted, a run is being reset or is not ready
 * - ABORTED, CANCELLED, DATA_LOSS, INTERNAL, OUT_OF_RANGE, UNIMPLEMENTED, UNKNOWN: faults of the server
 */
const ERROR_RULES: readonly ErrorRule[] = [
  // The run has its maximum number of signals. Its next run can be signalled.
  { code: INVALID_ARGUMENT, details: SIGNAL_LIMIT, meaning: 'unavailable' },
  // The server has terminated the run because of its size. A retry starts the next run.
  {
    code: INVALID_ARGUMENT,
    details: /^Workflow (?:history size|history count|mutable state size) exceeds limit/i,
    meaning: 'unavailable',
  },
  // The namespace is not set up: Sluice's search attributes, or those of a route, are missing.
  {
    code: INVALID_ARGUMENT,
    details:
      /no mapping defined for|search attribute \S+ is not defined|unable to get \S+ search attribute type/i,
    meaning: 'unavailable',
  },
  // The namespace is not set up: one of Sluice's search attributes has another type.
  {
    code: INVALID_ARGUMENT,
    details: new RegExp(
      `invalid value for search attribute (?:${Object.keys(searchAttributes).join('|')}) of type`,
      'i',
    ),
    meaning: 'unavailable',
  },
  // All others depend only on the request: a name, an id, the argument, the memo or a search attribute is too long.
  { code: INVALID_ARGUMENT, meaning: 'wrong request' },
  // If a request is over 4 MB, the server answers as if it were overloaded. All others with this code mean overload. The
  // client has a similar message for answers that are too large, without `grpc: `.
  { code: RESOURCE_EXHAUSTED, details: /grpc: received message larger than max/, meaning: 'wrong request' },
];

/** Decides what an error means. */
export function meaningOfTemporalError(code: number | undefined, details: string): Meaning {
  const rule = ERROR_RULES.find(
    (candidate) => candidate.code === code && (candidate.details?.test(details) ?? true),
  );
  return rule?.meaning ?? 'unavailable';
}

/** Errors of gRPC itself, without an answer from Temporal. */
const UNREACHABLE_MESSAGES: ReadonlyMap<number, string> = new Map([
  [DEADLINE_EXCEEDED, 'Temporal did not answer in time'],
  [UNAVAILABLE, 'Temporal cannot be reached'],
]);

/** Translates an error of Temporal: `InvalidInput` if a retry cannot succeed, otherwise `Unavailable`. */
export function translateTemporalError(error: unknown, workflowId: string): Error {
  if (error instanceof InvalidInput || error instanceof Unavailable) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  const grpc = grpcErrorOf(error);
  const detail = messageOf(grpc?.details || cause || error, 200);
  if (meaningOfTemporalError(grpc?.code, detail) === 'wrong request') {
    return new InvalidInput('Unstartable', `workflow ${workflowId} cannot be started: ${detail}`, {
      cause: error,
    });
  }
  // Only the log may contain network addresses, so the sender gets a fixed sentence.
  const reason = grpc?.code === undefined ? undefined : UNREACHABLE_MESSAGES.get(grpc.code);
  const sentence = reason ?? `Temporal did not accept workflow ${workflowId}: ${detail}`;
  return new Unavailable('TemporalUnavailable', sentence, { cause: new Error(detail, { cause: error }) });
}

/** True if the run has its maximum number of signals. */
export function isSignalLimitError(error: unknown): boolean {
  const grpc = grpcErrorOf(error);
  return grpc?.code === INVALID_ARGUMENT && SIGNAL_LIMIT.test(grpc.details);
}

/** Returns the error of gRPC, which Temporal's client may have wrapped; undefined for other errors. */
export function grpcErrorOf(error: unknown) {
  const cause = error instanceof Error ? error.cause : undefined;
  return [error, cause].find(isGrpcServiceError);
}
