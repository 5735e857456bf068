import { type Client, type Connection, isGrpcServiceError } from '@temporalio/client';
import { messageOf } from '../../domain/errors.ts';
import { searchAttributes } from '../../domain/temporal-contract.ts';
import { cachedFor, PROBE_TIMEOUT_MS } from '../../runtime/health.ts';
import type { Log } from '../../runtime/log.ts';
import { temporalProbe } from '../../runtime/temporal-connection.ts';
import { findSearchAttributeProblems } from '../../runtime/temporal-namespace.ts';

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;
const NOT_FOUND = 5;

/** The namespace is checked at most this often, in ms. */
const NAMESPACE_CACHE_MS = 5_000;

/**
 * Creates the function that returns why the gateway is not ready, or undefined if it is ready. Logs each change of the
 * reason.
 */
export function createReadiness({
  client,
  connection,
  log,
  draining,
}: {
  readonly client: Client;
  readonly connection: Connection;
  readonly log: Log;
  readonly draining: () => boolean;
}): () => Promise<string | undefined> {
  const reachable = temporalProbe(connection);
  const namespaceProblem = cachedFor(NAMESPACE_CACHE_MS, () =>
    findNamespaceProblem(connection, client.options.namespace),
  );
  let last: string | undefined;
  return async () => {
    if (draining()) return 'the gateway is stopping';
    const reason = (await reachable()) ? await namespaceProblem() : 'Temporal cannot be reached';
    if (reason !== last) {
      if (reason === undefined) log.info('ready again');
      else log.warn({ reason }, 'not ready');
      last = reason;
    }
    return reason;
  };
}

/**
 * Returns why no workflow can be started in the namespace: the namespace does not exist, a search attribute of Sluice
 * is missing, or the gateway has no permission. Returns undefined if nothing is wrong. Makes two calls to Temporal,
 * which start nothing.
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

/** Returns undefined for errors that are not about access: they concern the connection, which another probe checks. */
function accessProblem(error: unknown, namespace: string): string | undefined {
  if (isGrpcServiceError(error)) {
    if (error.code === NOT_FOUND) return `namespace ${namespace} does not exist`;
    if (error.code === PERMISSION_DENIED || error.code === UNAUTHENTICATED)
      return `Temporal denies access to namespace ${namespace}: ${messageOf(error.details, 200)}`;
  }
  return undefined;
}
