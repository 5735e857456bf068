import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import proto from '@temporalio/proto';
import { signalRequestIdInterceptor } from '../../runtime/signal-request-id.ts';

const { SignalWithStartWorkflowExecutionRequest, SignalWorkflowExecutionRequest } =
  proto.temporal.api.workflowservice.v1;
const service = '/temporal.api.workflowservice.v1.WorkflowService';
const bytes = (value: Buffer): Buffer => value;

let server: Server;
let client: Client;
const received: { readonly names: string[]; readonly requestId: string }[] = [];
const methods = [
  { name: 'SignalWithStartWorkflowExecution', message: SignalWithStartWorkflowExecutionRequest },
  { name: 'SignalWorkflowExecution', message: SignalWorkflowExecutionRequest },
];

before(async () => {
  server = new Server();
  for (const { name, message } of methods) {
    const method = {
      ...{ path: `${service}/${name}`, requestStream: false, responseStream: false },
      ...{ requestSerialize: bytes, requestDeserialize: bytes },
      ...{ responseSerialize: bytes, responseDeserialize: bytes },
    };
    server.addService(
      { [name]: method },
      {
        [name](
          call: { metadata: Metadata; request: Buffer },
          done: (error: null, answer: Buffer) => void,
        ): void {
          const { requestId } = message.decode(call.request);
          received.push({ names: Object.keys(call.metadata.getMap()), requestId });
          done(null, Buffer.alloc(0));
        },
      },
    );
  }
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

function call(name: string, message: Uint8Array, metadata: Metadata): Promise<unknown> {
  const request = Buffer.from(message);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(`${service}/${name}`, bytes, bytes, request, metadata, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

for (const { name, message } of methods) {
  const encoded = message.encode({ requestId: 'random' }).finish();

  test(`the request id of the metadata replaces that of ${name}, and its metadata is not sent`, async () => {
    const metadata = new Metadata();
    metadata.set('sluice-request-id', 'ours');
    metadata.set('other', 'kept');
    await call(name, encoded, metadata);
    const { names, requestId } = received.at(-1) ?? {};
    assert.equal(requestId, 'ours');
    assert.ok(names?.includes('other'));
    assert.ok(!names?.includes('sluice-request-id'), names?.join(', '));
  });

  test(`without a request id in the metadata, ${name} is unchanged`, async () => {
    await call(name, encoded, new Metadata());
    assert.equal(received.at(-1)?.requestId, 'random');
  });
}
