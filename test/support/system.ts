import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createOssStore } from '../../adapters/oss/oss-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { freePort } from './free-port.ts';
import { localEnvironment } from './local-environment.ts';
import { SluiceProcess } from './sluice-process.ts';
import { startTemporal, type TestTemporal } from './temporal-server.ts';
import { until } from './until.ts';

export const BUCKET = 'eb-ask';

/** All of Sluice on free ports: a real Temporal server, and Sluice's processes as child processes. */
export interface System {
  readonly temporal: TestTemporal;
  readonly client: Client;
  readonly store: ObjectStore;
  readonly gateway: string;
  readonly ossEndpoint: string;
  readonly local: SluiceProcess;
  readonly gatewayProcess: SluiceProcess;
  readonly workers: readonly SluiceProcess[];
  put(key: string, body: Buffer): Promise<void>;
  get(key: string): Promise<Buffer | undefined>;
  /** Waits until the destination `unzip/<name>/` has a manifest, and returns it. */
  manifest(name: string, timeoutMs?: number): Promise<Manifest>;
  /** Returns the keys of all objects with this prefix. */
  keys(prefix: string): Promise<string[]>;
  stop(): Promise<void>;
}

export interface Manifest {
  readonly source: { readonly etag: string };
  readonly event: { readonly id: string; readonly source: string } | null;
  readonly files: number;
  readonly bytes: number;
  readonly objects?: readonly { key: string; size: number; crc32: string; crc64: string }[];
  readonly parts?: readonly string[];
  readonly skipped: readonly { name: string; reason: string }[];
}

/** Starts Sluice. Stop the system in the test's `after`. */
export async function startSystem({
  workers: count = 1,
  workerEnv = {},
  routes,
  tablestorePort,
}: {
  workers?: number;
  /** The port of the Tablestore stand-in, for workers with the weather job. */
  tablestorePort?: number;
  /** The text of a routes file. If it is given, runs send their events to the gateway. */
  routes?: string;
  workerEnv?: Readonly<Record<string, string>>;
} = {}): Promise<System> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-system-'));
  const temporal = await startTemporal({ dbFile: join(dir, 'temporal.db') });
  const ports = { oss: await freePort(), gateway: await freePort() };
  const config = join(dir, 'temporal.toml');
  await writeFile(config, '[profile.default]\n');
  if (routes !== undefined) await writeFile(join(dir, 'routes.yaml'), routes);
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: config,
  };
  const oss = { endpoint: `http://localhost:${ports.oss}`, id: 'local', secret: 'local-secret' };
  const gateway = `http://127.0.0.1:${ports.gateway}`;
  const log = (name: string): string => join(dir, `${name}.log`);

  const local = new SluiceProcess(
    'local',
    localEnvironment(join(dir, 'local'), {
      ...{ oss: ports.oss, gatewayUrl: gateway },
      ...(tablestorePort === undefined ? {} : { tablestore: tablestorePort }),
    }),
    log('local'),
  );
  const gatewayProcess = new SluiceProcess(
    'gateway',
    {
      ...{ ...env, PORT: String(ports.gateway), SLUICE_HOST: 'loopback' },
      ...(routes === undefined ? {} : { SLUICE_ROUTES: join(dir, 'routes.yaml') }),
    },
    log('gateway'),
  );
  const workers = Array.from(
    { length: count },
    (_, index) =>
      new SluiceProcess(
        'worker',
        {
          ...env,
          OSS_ENDPOINT: oss.endpoint,
          OSS_ACCESSKEYID: oss.id,
          OSS_ACCESSKEYSECRET: oss.secret,
          SLUICE_SCRATCH: join(dir, 'scratch'),
          ...(routes === undefined ? {} : { SLUICE_EVENTS_SINK: gateway }),
          ...workerEnv,
        },
        log(`worker-${index}`),
      ),
  );
  const children = [local, gatewayProcess, ...workers];
  const stopChildren = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.kill('SIGCONT').then(() => child.stop())));
    await temporal.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const started = await Promise.allSettled(children.map((child) => child.start()));
  const failed = started.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    await stopChildren();
    throw failed.reason;
  }
  const connection = await Connection.connect({ address: temporal.address });
  const store = createOssStore({
    endpoint: oss.endpoint,
    accessKeyId: oss.id,
    accessKeySecret: oss.secret,
    maxSockets: 64,
  });
  const get = (key: string): Promise<Buffer | undefined> => store.get({ bucket: BUCKET, key }, 2 ** 31);

  return {
    ...{
      temporal,
      client: new Client({ connection }),
      store,
      gateway,
      local,
      gatewayProcess,
      workers,
      get,
    },
    ossEndpoint: oss.endpoint,
    put: async (key, body) => void (await store.put({ bucket: BUCKET, key }, body)),
    manifest: (name, timeoutMs) =>
      until(
        `the manifest of ${name}`,
        async () => {
          const body = await get(`unzip/.sluice/${name}.json`).catch(() => undefined);
          return body && (JSON.parse(body.toString('utf8')) as Manifest);
        },
        timeoutMs,
      ),
    async keys(prefix) {
      const keys: string[] = [];
      for await (const key of store.list(BUCKET, prefix)) keys.push(key);
      return keys;
    },
    async stop() {
      await connection.close();
      await stopChildren();
    },
  };
}
