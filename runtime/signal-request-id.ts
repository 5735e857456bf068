import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';

const { SignalWithStartWorkflowExecutionRequest } = proto.temporal.api.workflowservice.v1;

/** The metadata that carries the request id to the interceptor. It is not sent. */
const HEADER = 'sluice-request-id';

const METHOD = '/SignalWithStartWorkflowExecution';

/**
 * Sets the request id of the signal-with-start that `call` makes. The server drops a second signal with this request id
 * to the same open run. The client has no option for the request id, and sends a random one.
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
  // Other calls need no further layer.
  if (!options.method_definition.path.endsWith(METHOD)) return call as InterceptingCall;
  let field: Uint8Array | undefined;
  return new InterceptingCall(call, {
    start(metadata, listener, next) {
      const [requestId] = metadata.get(HEADER);
      metadata.remove(HEADER);
      if (requestId !== undefined)
        field = SignalWithStartWorkflowExecutionRequest.encode({ requestId: String(requestId) }).finish();
      next(metadata, listener);
    },
    sendMessage(message: Uint8Array, next) {
      next(field === undefined ? message : Buffer.concat([message, field]));
    },
  });
};
