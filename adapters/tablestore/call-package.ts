import type { Agent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import TableStore from 'tablestore';
import { messageOf } from '../../domain/errors.ts';
import { type OtsError, OtsUnreachable } from '../../ots/errors.ts';
import { integrityProblem, readErrorAnswer } from '../../ots/transport.ts';
import type { TablestoreKeys } from '../../runtime/tablestore-credentials.ts';

interface ServiceTarget {
  readonly origin: string;
  readonly instance: string;
  readonly agent: Agent;
  readonly keys: TablestoreKeys;
}

interface PackageCall {
  readonly operation: string;
  readonly params: object;
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/** The package's answer while it is being received. */
interface PackageAnswer {
  error: unknown;
  readonly request: { readonly httpRequest: { readonly path: string } };
  readonly httpResponse: {
    readonly statusCode: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
    readonly stream: IncomingMessage;
  };
}

type HeadersListener = (status: number, headers: object, answer: PackageAnswer) => void;

/** The steps of a request in the package's clients. Sluice can replace these methods. The published types lack them. */
interface PackageClient {
  makeRequest(operation: string, params: object): Promise<object>;
  setupRequestListeners(request: { addListener(event: string, listener: HeadersListener): void }): void;
  extractError(answer: PackageAnswer): void;
  extractData(answer: PackageAnswer): void;
}

/**
 * Sends one request through the package `tablestore`, and corrects the package's behaviour:
 * - A timeout and an abort signal end the request.
 * - Errors have the service's error code. The package itself reads errors as XML and returns the HTTP status.
 * - A truncated answer causes an error at once. The package itself would wait forever.
 * - The checksum and the signature of the answer are verified.
 * - The package's own retries are prevented, because its retry count is global. The package retries by the `code` of an
 *   error, so `HiddenOtsError` hides the `code`.
 * @throws OtsError if the service answers an error; OtsUnreachable for a missing or invalid answer; the signal's
 * reason after an abort
 */
export async function callPackage(target: ServiceTarget, call: PackageCall): Promise<object> {
  const { operation, params, ms, signal } = call;
  signal?.throwIfAborted();
  const ended = new AbortController();
  const unreachable = (why: string): OtsUnreachable => new OtsUnreachable(`${target.origin}: ${why}`);
  const { promise, reject } = createRejectablePromise();
  const timer = setTimeout(() => reject(unreachable(`no answer within ${ms} ms`)), ms);
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const client = createPackageClient(target, ended.signal, () =>
      reject(unreachable('the answer was truncated')),
    );
    return await Promise.race([promise, client.makeRequest(operation, params)]);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HiddenOtsError) throw error.cause;
    const { code, errors } = Object(error) as { code?: unknown; errors?: readonly unknown[] };
    // If a host name has several addresses, the first error is enough. The combined error has no message.
    throw code === 'NetworkingError' ? unreachable(messageOf(errors?.[0] ?? error)) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    // Ends a request that is still running.
    ended.abort();
  }
}

/** Wraps an OtsError, so that the package does not see the error's `code` and does not retry. */
class HiddenOtsError extends Error {
  override readonly cause: OtsError;

  constructor(cause: OtsError) {
    super(cause.message);
    this.cause = cause;
  }
}

function createRejectablePromise(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_resolve, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}

/** Creates a client for one request, with the keys, signal and steps of this request. A client is cheap. */
function createPackageClient(
  { origin, instance, agent, keys }: ServiceTarget,
  signal: AbortSignal,
  onTruncated: () => void,
): PackageClient {
  const options = {
    ...{ endpoint: origin, instancename: instance, maxRetries: 0 },
    ...{ accessKeyId: keys.accessKeyId, secretAccessKey: keys.accessKeySecret },
    ...(keys.securityToken === undefined ? {} : { stsToken: keys.securityToken }),
    // The package sets this number on the process's default agent. Infinity leaves that agent unchanged.
    httpOptions: { agent, signal, maxSockets: Number.POSITIVE_INFINITY },
  };
  // The published types lack the option `agent` and the steps.
  const client = new (Object(TableStore).Client)(options) as PackageClient;
  const setUp = client.setupRequestListeners.bind(client);
  const extract = client.extractData.bind(client);
  client.setupRequestListeners = (request) => {
    setUp(request);
    request.addListener('httpHeaders', (_status, _headers, { httpResponse: { stream } }) => {
      stream.once('close', () => {
        if (!stream.complete) onTruncated();
      });
    });
  };
  client.extractError = (answer) => {
    const { statusCode: status, headers, body } = answer.httpResponse;
    answer.error = new HiddenOtsError(readErrorAnswer({ status, headers, body }, keys));
  };
  client.extractData = (answer) => {
    const problem = integrityProblem(answer.request.httpRequest.path, answer.httpResponse, keys);
    if (problem !== undefined) throw new OtsUnreachable(`${origin}: ${problem}`);
    try {
      extract(answer);
    } catch (error) {
      throw new OtsUnreachable(`${origin}: the answer cannot be read: ${String(error)}`);
    }
  };
  return client;
}
