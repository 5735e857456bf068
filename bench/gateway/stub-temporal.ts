/**
 * A stub of a Temporal server that stores nothing and accepts every start at once, so that only the gateway is
 * measured. Runs as its own process. After a message `{ stallMs }`, the stub does not answer for `stallMs`.
 */
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import proto from '@temporalio/proto';

const { workflowservice } = proto.temporal.api;
const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService';

const answers: Record<string, Uint8Array> = {
  GetSystemInfo: workflowservice.v1.GetSystemInfoResponse.encode({
    serverVersion: '1.29.1',
    capabilities: {},
  }).finish(),
  StartWorkflowExecution: workflowservice.v1.StartWorkflowExecutionResponse.encode({
    runId: '00000000-0000-4000-8000-000000000000',
    started: true,
  }).finish(),
};

let stalledUntil = 0;
process.on('message', ({ stallMs }: { stallMs: number }) => {
  stalledUntil = Date.now() + stallMs;
});

const definition: ServiceDefinition = Object.fromEntries(
  Object.keys(answers).map((name) => [
    name,
    {
      path: `${SERVICE}/${name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (value: Buffer) => value,
      requestDeserialize: (value: Buffer) => value,
      responseSerialize: (value: Uint8Array) => Buffer.from(value),
      responseDeserialize: (value: Buffer) => value,
    },
  ]),
);
const implementation: UntypedServiceImplementation = Object.fromEntries(
  Object.entries(answers).map(([name, answer]) => [
    name,
    (_call: unknown, reply: (error: null, answer: Uint8Array) => void) => {
      const wait = stalledUntil - Date.now();
      if (wait > 0) setTimeout(() => reply(null, answer), wait);
      else reply(null, answer);
    },
  ]),
);

const server = new Server();
server.addService(definition, implementation);
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.send?.({ port });
});
process.on('disconnect', () => process.exit(0));
