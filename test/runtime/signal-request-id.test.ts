import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import proto from '@temporalio/proto';
import { signalRequestIdInterceptor } from '../../runtime/signal-request-id.ts';

const { SignalWithStartWorkflowExecutionRequest } = proto.temporal.api.workflowservice.v1;
const path = '/temporal.api.workflowservice.v1.WorkflowService/SignalWithStartWorkflowExecution';
const bytes = (value: Buffer): Buffer => value;

let server: Server;
let client: Client;
const received: { readonly names: string[]; readonly requestId: string; readonly workflowId: string }[] = [];

before(async () => {
  server = new Server();
  const method = {
    ...{ path, requestStream: false, responseStream: false },
    ...{ requestSerialize: bytes, requestDeserialize: bytes },
    ...{ responseSerialize: bytes, responseDeserialize: bytes },
  };
  server.addService(
    { signal: method },
    {
      signal(
        call: { metadata: Metadata; request: Buffer },
        done: (error: null, answer: Buffer) => void,
      ): void {
        const { requestId, workflowId } = SignalWithStartWorkflowExecutionRequest.decode(call.request);
        received.push({ names: Object.keys(call.metadata.getMap()), requestId, workflowId });
        done(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    interceptors: [signalRequestIdInterceptor],
  });
});
after(() => {
  client.close();
  server.forceShutdown();
});

function signal(metadata: Metadata): Promise<unknown> {
  const request = SignalWithStartWorkflowExecutionRequest.encode({ workflowId: 'w', requestId: 'random' });
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, bytes, bytes, Buffer.from(request.finish()), metadata, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

test('the request id of the metadata replaces that of the message, and its metadata is not sent', async () => {
  const metadata = new Metadata();
  metadata.set('sluice-request-id', 'ours');
  metadata.set('other', 'kept');
  await signal(metadata);
  const { names, ...message } = received.at(-1) ?? {};
  assert.deepEqual(message, { requestId: 'ours', workflowId: 'w' });
  assert.ok(names?.includes('other'));
  assert.ok(!names?.includes('sluice-request-id'), names?.join(', '));
});

test('without a request id in the metadata, the message is unchanged', async () => {
  await signal(new Metadata());
  assert.equal(received.at(-1)?.requestId, 'random');
});
