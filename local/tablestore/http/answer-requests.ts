import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { foreignPageProblem } from '../../../domain/web-page.ts';
import type { Log } from '../../../runtime/log.ts';
import { foreignHostProblem } from '../../../runtime/loopback-host.ts';
import { authFailed, otsError, parameterInvalid } from '../errors.ts';
import { type FaultControls, faultControlEndpoint } from '../faults.ts';
import type { Operation } from '../operations/operation.ts';
import { type Answer, answerHeaders, errorAnswer } from './answer.ts';
import { type Account, authenticate } from './authenticate.ts';
import { discardRest, IncompleteBody, receiveBody } from './receive-body.ts';

/** The server closes a connection that is idle for this long in the middle of a request. */
const IDLE_MS = 120_000;

export interface ServerContext {
  readonly account: Account;
  /** By path. */
  readonly operations: ReadonlyMap<string, Operation>;
  readonly faults: FaultControls;
  readonly log: Log;
  /** Returns the current time in epoch ms. */
  readonly clock: () => number;
}

/** Serves the operations. A request POSTs a protobuf message to the operation's path. Answers are signed. */
export function answerRequests(context: ServerContext): RequestListener {
  const controls = faultControlEndpoint(context.faults);
  return (message, response) => {
    message.setTimeout(IDLE_MS, () => message.destroy());
    response.on('error', () => response.destroy());
    if (message.url?.startsWith('/-/')) return controls(message, response);
    answerOperation(message, response, context).catch((error: unknown) => {
      response.destroy();
      if (!(error instanceof IncompleteBody))
        context.log.error({ err: error, url: message.url }, 'the answer ended early');
    });
  };
}

async function answerOperation(
  message: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
): Promise<void> {
  const path = message.url ?? '/';
  const { injector } = context.faults;
  let answered: Answer;
  let truncated = false;
  try {
    const { operation, body } = await authenticateRequest(message, path, context);
    const fault = await injector.applyFaults(path);
    if (fault === 'lose') {
      response.destroy();
      return;
    }
    answered = { status: 200, body: operation(body, { rowFault: () => injector.rowFault(path) }) };
    truncated = fault === 'truncate';
  } catch (error) {
    if (error instanceof IncompleteBody) throw error;
    answered = errorAnswer(error, path, context.log);
    await discardRest(message);
  }
  send(message, response, answered, { path, truncated, context });
}

/**
 * Returns the host without the instance. The host of an instance can be `<instance>.<host>`, as in the vendor's cloud.
 */
const withoutInstance = ({ host }: IncomingHttpHeaders, instance: string): IncomingHttpHeaders =>
  host?.startsWith(`${instance}.`) ? { host: host.slice(instance.length + 1) } : { host };

/** Receives a request and checks its signature. Returns its operation and its body. */
async function authenticateRequest(
  message: IncomingMessage,
  path: string,
  { account, operations, clock }: ServerContext,
): Promise<{ operation: Operation; body: Buffer }> {
  // Web pages know the published secret, so a signature proves nothing about them.
  const problem =
    foreignHostProblem(withoutInstance(message.headers, account.instance)) ??
    foreignPageProblem(message.method ?? '', message.headers, 'the local Tablestore', { allowLinks: false });
  if (problem !== undefined) throw authFailed(problem);
  const body = await receiveBody(message);
  if (message.method !== 'POST')
    throw otsError('OTSMethodNotAllowed', 'Only POST method for requests is supported.');
  authenticate({ path, headers: message.headers, body }, account, clock());
  const operation = operations.get(path);
  if (operation === undefined) throw parameterInvalid(`Unsupported operation: '${path.slice(1)}'.`);
  return { operation, body };
}

function send(
  message: IncomingMessage,
  response: ServerResponse,
  { status, body }: Answer,
  { path, truncated, context }: { path: string; truncated: boolean; context: ServerContext },
): void {
  const headers = answerHeaders(path, body, context.account, context.clock());
  // The unread rest of a rejected body would be parsed as the next request.
  const connection = message.complete ? {} : { connection: 'close' };
  response.writeHead(status, { ...headers, ...connection, 'content-length': body.length });
  if (!truncated) response.end(body);
  else response.write(body.subarray(0, body.length >> 1), () => response.destroy());
}
