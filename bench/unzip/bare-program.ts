import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createOssStore } from '../../adapters/oss/oss-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

const BUCKET = 'eb-ask';

/** The store calls for an archive of five files: one read, five writes, and one more for a manifest. */
export const bareActivities = (store: ObjectStore) => ({
  async unpack(key: string): Promise<number> {
    const archive = await store.get({ bucket: BUCKET, key }, 2 ** 24);
    const name = key.slice('bare/'.length, -'.zip'.length);
    const files = Array.from({ length: 5 }, (_, at) => ({
      key: `bare-out/${name}/${at}`,
      body: archive?.subarray(at * 1_000, (at + 1) * 1_000) ?? Buffer.alloc(0),
    }));
    await Promise.all(files.map(({ key: file, body }) => store.put({ bucket: BUCKET, key: file }, body)));
    const manifest = Buffer.from(JSON.stringify(files.map(({ key: file }) => file)));
    await store.put({ bucket: BUCKET, key: `bare-out/.manifest/${name}.json` }, manifest);
    return files.length;
  },
});

/** The worker of the bare workflow, as its own process. Its first argument is the store's endpoint. */
async function main(): Promise<void> {
  const [endpoint = ''] = process.argv.slice(2);
  const key = { accessKeyId: 'local', accessKeySecret: 'local-secret' };
  const store = createOssStore({ endpoint, ...key, maxSockets: 64 });
  const address = process.env.TEMPORAL_ADDRESS;
  const connection = await NativeConnection.connect(address === undefined ? {} : { address });
  const worker = await Worker.create({
    connection,
    taskQueue: 'bare',
    workflowsPath: fileURLToPath(new URL('./bare-workflow.js', import.meta.url)),
    activities: bareActivities(store),
  });
  process.once('SIGTERM', () => worker.shutdown());
  process.send?.('ready');
  await worker.run();
  await connection.close();
  process.disconnect?.();
}

if (process.send !== undefined) await main();
