import { Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';

/** A frontend of Temporal that answers every start with one gRPC error; null: it answers nothing. */
export async function scriptedTemporal(code: keyof typeof status | null, details = 'scripted') {
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
    { GetSystemInfo: method('GetSystemInfo'), StartWorkflowExecution: method('StartWorkflowExecution') },
    {
      GetSystemInfo: (_call: unknown, done: (error: null, answer: Buffer) => void) =>
        done(null, Buffer.alloc(0)),
      StartWorkflowExecution: (_call: unknown, done: (error: Partial<ServiceError>) => void) => {
        if (code !== null) done({ code: status[code] as number, details });
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
