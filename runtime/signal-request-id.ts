import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { SignalWithStartWorkflowExecutionRequest, SignalWorkflowExecutionRequest } =
  proto.temporal.api.workflowservice.v1;

/** The metadata that carries the request id to the interceptor. It is not sent. */
const HEADER = 'sluice-request-id';

const MESSAGES = [
  ['/SignalWithStartWorkflowExecution', SignalWithStartWorkflowExecutionRequest],
  ['/SignalWorkflowExecution', SignalWorkflowExecutionRequest],
] as const;

/**
 * Sets the request id of the signal or signal-with-start that `call` makes. The server drops a second signal with this
 * request id to the same open run. The client has no option for the request id, and sends a random one.
 */
export const withSignalRequestId = <T>(
  client: Client,
  requestId: string,
  call: () => Promise<T>,
): Promise<T> => client.withMetadata({ [HEADER]: requestId }, call);

/**
 * The gRPC interceptor for `withSignalRequestId`. The message is already encoded. If a field occurs twice in an encoded
 * message, its last value counts, so the interceptor appends the field.
 */
export const signalRequestIdInterceptor: Interceptor = (options, nextCall) => {
  const call = nextCall(options);
  const message = MESSAGES.find(([method]) => options.method_definition.path.endsWith(method))?.[1];
  // Other calls do not need the request id.
  if (message === undefined) return call as InterceptingCall;
  let field: Uint8Array | undefined;
  return new InterceptingCall(call, {
    start(metadata, listener, next) {
      const [requestId] = metadata.get(HEADER);
      metadata.remove(HEADER);
      if (requestId !== undefined) field = message.encode({ requestId: String(requestId) }).finish();
      next(metadata, listener);
    },
    sendMessage(encoded: Uint8Array, next) {
      next(field === undefined ? encoded : Buffer.concat([encoded, field]));
    },
  });
};
