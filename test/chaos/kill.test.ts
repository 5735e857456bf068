import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createOssStore } from '../../adapters/oss/oss-store.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { sendHttp } from '../../runtime/http-client.ts';
import { isRunning } from '../support/is-running.ts';
import { type Endpoints, prepareStart, type SluiceStart } from '../support/sluice-start.ts';
import type { Manifest } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

const BUCKET = 'eb-ask';

let started: SluiceStart;
let store: ObjectStore;
before(async () => {
  started = await prepareStart();
  const { oss } = await started.start();
  store = createOssStore({
    endpoint: oss,
    accessKeyId: 'local',
    accessKeySecret: 'local-secret',
    maxSockets: 16,
  });
});
after(async () => {
  await started.stop();
  await started.remove();
});

const contents = Array.from({ length: 2_500 }, (_, at) => ({
  name: `d${at % 50}/${at}.bin`,
  content: randomBytes(8_000 + at),
}));
const archive = zipOf(contents.map((file) => ({ ...file, method: 0 })));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const get = (key: string): Promise<Buffer | undefined> => store.get({ bucket: BUCKET, key }, 2 ** 30);
const endpoints = (): Endpoints => started.endpoints() as Endpoints;

/** Puts the archive, and waits until its first objects exist. */
async function startUnpacking(name: string): Promise<void> {
  await store.put({ bucket: BUCKET, key: `zip/${name}.zip` }, archive);
  await until(`the run of ${name} has started`, async () => {
    for await (const _ of store.list(BUCKET, `unzip/${name}/`)) return true;
    return false;
  });
  assert.equal(await get(`unzip/.sluice/${name}.json`), undefined, `${name} was complete before the fault`);
}

/** Waits for the manifest, and compares every object with the archive's content. */
async function assertComplete(name: string): Promise<void> {
  const manifest = await until(`${name} is complete`, async () => {
    const body = await get(`unzip/.sluice/${name}.json`).catch(() => undefined);
    return body && (JSON.parse(body.toString('utf8')) as Manifest);
  });
  assert.equal(manifest.files, contents.length);
  const keys: string[] = [];
  for await (const key of store.list(BUCKET, `unzip/${name}/`)) keys.push(key);
  assert.equal(keys.length, contents.length);
  for (const { name: file, content } of contents) {
    assert.equal(sha256((await get(`unzip/${name}/${file}`)) as Buffer), sha256(content), file);
  }
}

for (const processName of ['worker', 'temporal', 'local'] as const) {
  test(`an archive is unpacked completely after kill -9 of ${processName}, which is restarted`, async () => {
    await startUnpacking(`kill-${processName}`);
    const killed = endpoints().pids[processName];
    process.kill(killed, 'SIGKILL');
    await until(`${processName} runs again`, () => {
      const now = started.endpoints()?.pids[processName];
      return now !== undefined && now !== killed;
    });
    await assertComplete(`kill-${processName}`);
  });
}

test('an archive that is put while the gateway is down is unpacked when the gateway is back', async () => {
  const killed = endpoints().pids.gateway;
  process.kill(killed, 'SIGKILL');
  await store.put({ bucket: BUCKET, key: 'zip/kill-gateway.zip' }, archive);
  await assertComplete('kill-gateway');
});

test('the stand-in for channels runs, and only the owner can read the keys that seal channels', async () => {
  const url = `${endpoints().channels}/received`;
  const { status, body } = await sendHttp({ url, method: 'GET', timeoutMs: 5_000, maxBytes: 1_000 });
  assert.deepEqual([status, body.toString()], [200, '[]']);
  assert.equal(statSync(join(started.home, 'channel-keys')).mode & 0o777, 0o600);
});
test('an archive is unpacked completely after kill -9 of all processes and a new start', async () => {
  await startUnpacking('kill-all');
  const { pids } = endpoints();
  for (const pid of Object.values(pids)) process.kill(pid, 'SIGKILL');
  await until('all processes have exited', () => Object.values(pids).every((pid) => !isRunning(pid)));
  await started.start();
  await assertComplete('kill-all');
});

test('Ctrl-C leaves no process and no endpoints file', async () => {
  const { pids } = endpoints();
  assert.equal(await started.stop(), 0);
  assert.deepEqual(
    Object.entries(pids).filter(([, pid]) => isRunning(pid)),
    [],
  );
  assert.equal(existsSync(join(started.home, 'endpoints.json')), false);
});
