import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRowsApi } from '../../ots/rows-api.ts';
import { createOtsTransport } from '../../ots/transport.ts';
import { createTunnelApi } from '../../ots/tunnel/tunnel-api.ts';
import { createHttpClient } from '../../runtime/http-client.ts';
import type { SourceStatus } from '../../source/channel-progress.ts';
import { freePort } from './free-port.ts';
import { localEnvironment } from './local-environment.ts';
import { SluiceProcess } from './sluice-process.ts';
import { SourceSink } from './source-sink.ts';
import { startTunnelProxy } from './tunnel-proxy.ts';

const INSTANCE = 'sluice-local';
const KEY = { accessKeyId: 'local', accessKeySecret: 'local-secret' };

/** A source as a child process. Its events have its name in the attribute `replica`. */
export interface SourceProcess {
  readonly name: string;
  readonly child: SluiceProcess;
  /** The answer of `/status`; undefined if the source does not answer. */
  status(): Promise<(SourceStatus & { readonly notReady: string | null }) | undefined>;
  /** The answer of `/metrics`. */
  metrics(): Promise<string>;
}

/** The local cloud, a sink and sources as child processes, and a proxy in front of the local Tablestore. */
export async function startSourceSystem(settings: Readonly<Record<string, string>>) {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-source-'));
  const tablestore = await freePort();
  const env = localEnvironment(join(dir, 'local'), { tablestore });
  const store = new SluiceProcess('local', env, join(dir, 'local.log'));
  const sink = new SourceSink(await freePort(), join(dir, 'events'));
  await Promise.all([store.start(), sink.start()]);
  const proxy = await startTunnelProxy(tablestore);
  const endpoint = `http://127.0.0.1:${tablestore}`;
  const transport = createOtsTransport({
    endpoint,
    instance: INSTANCE,
    credentials: () => KEY,
    http: createHttpClient({ maxConnections: 32 }),
  });
  const tunnels = createTunnelApi(transport);
  const sources: SourceProcess[] = [];

  /**
   * Returns how many channels each client has, fewest first. Undefined unless all channels are open and have a
   * client.
   */
  const channelCounts = async (): Promise<string | undefined> => {
    const counts = new Map<string, number>();
    const described = await tunnels.describe('weather', 'sluice').catch(() => undefined);
    for (const { channelStatus, clientId = '' } of described?.channels ?? []) {
      if (channelStatus !== 'OPEN' || clientId === '') return undefined;
      counts.set(clientId, (counts.get(clientId) ?? 0) + 1);
    }
    return [...counts.values()].sort().join(', ');
  };
  return {
    ...{ dir, store, sink, proxy, sources, channelCounts, endpoint },
    rows: createRowsApi(transport),
    /** Starts another source and waits until the source listens. */
    async source(name: string): Promise<SourceProcess> {
      const port = await freePort();
      const child = new SluiceProcess(
        'source',
        {
          ...{ TABLESTORE_ENDPOINT: proxy.url, TABLESTORE_INSTANCE: INSTANCE, K_SINK: sink.url },
          ...{ TABLESTORE_ACCESSKEYID: KEY.accessKeyId, TABLESTORE_ACCESSKEYSECRET: KEY.accessKeySecret },
          ...{ PORT: String(port), SLUICE_HOST: '127.0.0.1' },
          K_CE_OVERRIDES: JSON.stringify({ extensions: { replica: name } }),
          ...settings,
        },
        join(dir, `${name}.log`),
      );
      const get = (path: string): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) });
      const source: SourceProcess = {
        ...{ name, child },
        status: () =>
          get('/status').then(
            (answer) => answer.json() as Promise<SourceStatus & { notReady: string | null }>,
            () => undefined,
          ),
        metrics: async () => (await get('/metrics')).text(),
      };
      await child.start();
      sources.push(source);
      return source;
    },
    /** Returns the log of a process. */
    log: (name: string): string => readFileSync(join(dir, `${name}.log`), 'utf8'),
    async stop(): Promise<void> {
      await Promise.all(sources.map(({ child }) => child.kill('SIGCONT').then(() => child.kill('SIGKILL'))));
      transport.close();
      await proxy.stop();
      await store.stop();
      await sink.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type SourceSystem = Awaited<ReturnType<typeof startSourceSystem>>;
