import { Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import proto from '@temporalio/proto';

const { v1 } = proto.temporal.api.workflowservice;
const startedAnswer = Buffer.from(
  v1.StartWorkflowExecutionResponse.encode({ runId: 'r', started: true }).finish(),
);

type AnswerCallback = (error: Partial<ServiceError> | null, answer?: Buffer) => void;

type Code = keyof typeof status;

/**
 * A stub of a Temporal server. `script` is the gRPC error of every start and of every question about the namespace;
 * `OK` accepts the start. If `script` is null, the stub never answers. If it is a function, the function chooses the
 * code of a start by the workflow id, and questions about the namespace get no answer.
 */
export async function scriptedTemporal(
  script: Code | null | ((workflowId: string) => Code),
  details = 'scripted',
) {
  const server = new Server();
  const bytes = (value: Buffer): Buffer => value;
  const method = (name: string) => ({
    path: `/temporal.api.workflowservice.v1.WorkflowService/${name}`,
    ...{ requestStream: false, responseStream: false },
    ...{
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  });
  server.addService(
    {
      GetSystemInfo: method('GetSystemInfo'),
      DescribeNamespace: method('DescribeNamespace'),
      StartWorkflowExecution: method('StartWorkflowExecution'),
    },
    {
      GetSystemInfo: (_call: unknown, done: (error: null, answer: Buffer) => void) =>
        done(null, Buffer.alloc(0)),
      DescribeNamespace: (_call: unknown, done: AnswerCallback) => {
        if (typeof script === 'string') done({ code: status[script] as number, details });
      },
      StartWorkflowExecution: (call: { request: Buffer }, done: AnswerCallback) => {
        const { workflowId } = v1.StartWorkflowExecutionRequest.decode(call.request);
        const code = typeof script === 'function' ? script(workflowId) : script;
        if (code === 'OK') done(null, startedAnswer);
        else if (code !== null) done({ code: status[code] as number, details });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, stop: (): void => server.forceShutdown() };
}
