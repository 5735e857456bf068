import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRowsApi } from '../../ots/rows-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { message } from '../../ots/wire/message.ts';
import { encodeRows } from '../../ots/wire/plain-buffer-writer.ts';
import { DATA_PLANE_VERSION } from '../../ots/wire/signature.ts';
import { createHttpClient } from '../../runtime/http-client.ts';
import { freePort } from '../../test/support/free-port.ts';
import { localEnvironment } from '../../test/support/local-environment.ts';
import { SluiceProcess } from '../../test/support/sluice-process.ts';
import { startTunnelProxy } from '../../test/support/tunnel-proxy.ts';
import { until } from '../../test/support/until.ts';
import { forecastOf, keyOf } from './rows.ts';

const instance = 'sluice-local';
const KEY = { accessKeyId: 'local', accessKeySecret: 'local-secret' };
const ROWS_A_BATCH = 200;

/** Starts the local cloud and a minimal sink, each as its own process. */
export async function startProcesses() {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-source-'));
  const port = await freePort();
  const env = localEnvironment(join(dir, 'local'), { tablestore: port });
  const store = new SluiceProcess('local', env, join(dir, 'local.log'));
  await store.start();
  const sink = fork(fileURLToPath(new URL('./sink-program.js', import.meta.url)));
  const [{ port: sinkPort }] = (await once(sink, 'message')) as [{ port: number }];
  const proxy = await startTunnelProxy(port);
  const endpoint = `http://127.0.0.1:${port}`;
  const transport = createOtsTransport({
    endpoint,
    instance,
    credentials: () => KEY,
    http: createHttpClient({ maxConnections: 32 }),
  });
  const rows = createRowsApi(transport);
  let next = 0;

  return {
    ...{ endpoint, proxy, sinkUrl: `http://127.0.0.1:${sinkPort}` },
    /**
     * The number of accepted events by path, and the ages in ms of the changes that `/aged` received since the last
     * call.
     */
    async sinkReport(): Promise<{ counts: Record<string, number>; ages: number[] }> {
      const answer = once(sink, 'message');
      sink.send('report');
      const [status] = (await answer) as [{ counts: Record<string, number>; ages: number[] }];
      return status;
    },
    put: () => rows.put('weather', keyOf(next++ % 50_000), forecastOf(next)),
    /** Writes this many different rows, in batches. */
    async fill(count: number): Promise<void> {
      for (let from = 0; from < count; from += ROWS_A_BATCH) {
        const changes = Array.from({ length: ROWS_A_BATCH }, (_, index) => ({
          ...{ type: 'PUT', condition: { rowExistence: 'IGNORE' } },
          rowChange: encodeRows([{ primaryKey: keyOf(from + index), cells: forecastOf(from + index) }]),
        }));
        const request = { tables: [{ tableName: 'weather', rows: changes }] };
        const body = message<object>('BatchWriteRowRequest').encode(request);
        await transport.send({
          path: '/BatchWriteRow',
          version: DATA_PLANE_VERSION,
          body,
          timeoutMs: 30_000,
        });
      }
    },
    /** Starts a source that posts to this path of the sink, and waits until it is ready. */
    async source(path: string, settings: Readonly<Record<string, string>> = {}): Promise<SluiceProcess> {
      const statusPort = await freePort();
      const source = new SluiceProcess(
        'source',
        {
          ...{ TABLESTORE_ENDPOINT: endpoint, TABLESTORE_INSTANCE: instance },
          ...{ TABLESTORE_ACCESSKEYID: KEY.accessKeyId, TABLESTORE_ACCESSKEYSECRET: KEY.accessKeySecret },
          ...{
            K_SINK: `http://127.0.0.1:${sinkPort}${path}`,
            PORT: String(statusPort),
            SLUICE_HOST: '127.0.0.1',
          },
          ...{ SLUICE_LOG_LEVEL: 'warn', ...settings },
        },
        join(dir, 'source.log'),
      );
      await source.start();
      await until('the source is ready', async () => {
        const answer = await fetch(`http://127.0.0.1:${statusPort}/status`);
        const { channels } = (await answer.json()) as { channels: readonly unknown[] };
        return channels.length === 4;
      });
      return source;
    },
    async stop(): Promise<void> {
      transport.close();
      await proxy.stop();
      const exited = once(sink, 'exit');
      sink.disconnect();
      await exited;
      await store.stop();
      rmSync(dir, { recursive: true });
    },
  };
}

export type BenchmarkProcesses = Awaited<ReturnType<typeof startProcesses>>;
