import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { foreignPageProblem } from '../../domain/web-page.ts';
import type { Log } from '../../runtime/log.ts';
import { controlEndpoint, faultControls } from '../faults/control-endpoint.ts';
import { isControlPath, readAddress } from './address.ts';
import { authenticate, type Credentials } from './authenticate.ts';
import { findOperation, isFormUpload, operationName } from './dispatch.ts';
import { errorAnswer } from './error-answer.ts';
import { OssFaultInjector, ossFaultSettings, RequestLost } from './faults.ts';
import { type AllowedSize, checkForm, type UploadForm } from './form-policy.ts';
import { OssError } from './oss-error.ts';
import { IncompleteBody } from './receive-body.ts';
import type { OssAnswer, OssRequest } from './request.ts';
import type { Store } from './storage/store.ts';

/** The server closes a connection that is idle for this long in the middle of a request. */
const IDLE_MS = 120_000;

/** Serves the OSS API, and its fault controls under `/-/`. */
export function answerRequests(store: Store, credentials: Credentials, log: Log): RequestListener {
  const faults = new OssFaultInjector();
  const controls = controlEndpoint(faultControls(ossFaultSettings, faults));
  return (message, response) => {
    message.setTimeout(IDLE_MS, () => message.destroy());
    void answer(message, response, { store, credentials, log, faults, controls });
  };
}

interface ServerContext {
  readonly store: Store;
  readonly credentials: Credentials;
  readonly log: Log;
  readonly faults: OssFaultInjector;
  readonly controls: RequestListener;
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
): Promise<void> {
  const requestId = randomUUID().replaceAll('-', '').slice(0, 24).toUpperCase();
  let answered: OssAnswer;
  try {
    if (isControlPath(message.url ?? '/', message.headers.host)) {
      context.controls(message, response);
      return;
    }
    answered = await runOperation(message, requestId, context);
  } catch (error) {
    if (error instanceof IncompleteBody || error instanceof RequestLost) {
      response.destroy();
      return;
    }
    answered = errorAnswer(error, { requestId, message, log: context.log });
  }
  await send(response, message, requestId, answered).catch((error: unknown) => {
    response.destroy();
    if (!isDisconnect(error))
      context.log.error({ err: error, requestId, url: message.url }, 'the answer ended early');
  });
}

async function runOperation(
  message: IncomingMessage,
  requestId: string,
  context: ServerContext,
): Promise<OssAnswer> {
  const { method = 'GET', headers } = message;
  const address = readAddress(message.url ?? '/', headers.host);
  // Web pages know the published secret, so a signature proves nothing about them.
  const problem = foreignPageProblem(method, headers, 'the local OSS');
  if (problem !== undefined) throw new OssError('AccessDenied', problem);
  const allowUnsigned = needsNoSignature(message);
  if (!isFormUpload({ method, ...address }))
    authenticate({ method, headers, address }, context.credentials, Date.now(), allowUnsigned);
  const checkFormOf = (form: UploadForm): AllowedSize =>
    checkForm(form, context.credentials, Date.now(), allowUnsigned);
  const sourceIp = (message.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const request: OssRequest = {
    ...{ ...address, method, headers, body: message, requestId, sourceIp },
    checkForm: checkFormOf,
  };
  const operation = findOperation(request);
  const cutAfter = await context.faults.applyFaults({ operation: operationName(operation), ...address });
  const answered = await operation(request, context.store);
  return cutAfter === undefined ? answered : { ...answered, cutAfter };
}

/** True if a request needs no signature: it comes from this machine, but not from a web page in a browser. */
function needsNoSignature({ socket, headers }: IncomingMessage): boolean {
  const local = /^(::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  return local && headers.origin === undefined && headers['sec-fetch-site'] !== 'cross-site';
}

async function send(
  response: ServerResponse,
  message: IncomingMessage,
  requestId: string,
  { status, headers = {}, body = '', release, cutAfter }: OssAnswer,
): Promise<void> {
  try {
    const isInMemory = typeof body === 'string' || Buffer.isBuffer(body);
    if (typeof body === 'string' && body !== '') response.setHeader('content-type', 'application/xml');
    if (isInMemory && status !== 204 && status !== 304)
      response.setHeader('content-length', Buffer.byteLength(body));
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.setHeader('server', 'AliyunOSS');
    response.setHeader('x-oss-request-id', requestId);
    const length = message.method === 'HEAD' ? 0 : Number(response.getHeader('content-length') ?? 0);
    if (cutAfter !== undefined && length === 0) {
      response.destroy();
      return;
    }
    response.writeHead(status);
    if (message.method === 'HEAD') response.end();
    else if (cutAfter !== undefined)
      await sendTruncated(response, isInMemory ? [Buffer.from(body)] : body, Math.min(cutAfter, length - 1));
    else if (isInMemory) response.end(body);
    else await pipeline(body, response);
  } finally {
    release?.();
  }
}

/** Sends the first `bytes` bytes of a body and closes the connection. */
async function sendTruncated(
  response: ServerResponse,
  body: AsyncIterable<Buffer> | readonly Buffer[],
  bytes: number,
): Promise<void> {
  let remaining = bytes;
  for await (const chunk of body) {
    const slice = chunk.subarray(0, remaining);
    remaining -= slice.length;
    // An empty slice is written too, because the first write sends the headers.
    await new Promise((written) => response.write(slice, written));
    if (remaining === 0) break;
  }
  response.destroy();
}

/** True if the client closed the connection, which is not an error of the server. */
function isDisconnect(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'EPIPE';
}
