import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { messageOf } from '../../domain/errors.ts';
import { searchAttributes } from '../../domain/temporal-contract.ts';
import { PROBE_TIMEOUT_MS } from '../../runtime/health.ts';
import { findSearchAttributeProblems } from '../../runtime/temporal-namespace.ts';

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
const NOT_FOUND = 5;

/**
 * Returns why no workflow can be started in the namespace: it does not exist, a search attribute of Sluice is missing,
 * or the gateway has no permission. Returns undefined if nothing is wrong. Two calls, which start nothing.
 */
export async function findNamespaceProblem(
  connection: Connection,
  namespace: string,
): Promise<string | undefined> {
  const call = <T>(request: () => Promise<T>): Promise<T> =>
    connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, request);
  try {
    await call(() => connection.workflowService.describeNamespace({ namespace }));
  } catch (error) {
    return accessProblem(error, namespace);
  }
  try {
    const registered = await call(() => connection.operatorService.listSearchAttributes({ namespace }));
    const { missing, mistyped } = findSearchAttributeProblems(registered.customAttributes);
    const problems = [
      ...missing.map((name) => `${name} is missing`),
      ...mistyped.map((name) => `${name} is not a ${searchAttributes[name]}`),
    ];
    if (problems.length > 0)
      return `the search attributes of namespace ${namespace} are not set up: ${problems.join(', ')}`;
  } catch (error) {
    // A hosted Temporal does not let clients list the search attributes.
    if (!isGrpcServiceError(error) || error.code !== PERMISSION_DENIED)
      return accessProblem(error, namespace);
  }
  return undefined;
}

/** Other errors are about the connection, which another probe checks. */
function accessProblem(error: unknown, namespace: string): string | undefined {
  if (isGrpcServiceError(error)) {
    if (error.code === NOT_FOUND) return `namespace ${namespace} does not exist`;
    if (error.code === PERMISSION_DENIED || error.code === UNAUTHENTICATED)
      return `Temporal denies access to namespace ${namespace}: ${messageOf(error.details, 200)}`;
  }
  return undefined;
}
