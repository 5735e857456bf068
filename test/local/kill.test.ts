import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { localEnvironment } from '../support/local-environment.ts';
import {
  contentFiles,
  KEY_ID,
  SECRET,
  startSink,
  temporaryDirectory,
  undoAfter,
  until,
} from './local-cloud.ts';

const main = fileURLToPath(new URL('../../local/main.js', import.meta.url));

interface LocalProcess {
  readonly child: ChildProcess;
  readonly oss: string;
  readonly ended: Promise<string>;
}

/** Starts the local cloud as a process and waits until it is ready. It is killed after the test. */
async function startProcess(t: TestContext, dir: string, gateway: string): Promise<LocalProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    env: {
      PATH: process.env.PATH,
      ...localEnvironment(dir, { gatewayUrl: gateway }),
      OSS_ACCESSKEYID: KEY_ID,
      OSS_ACCESSKEYSECRET: SECRET,
      SLUICE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new Promise<string>((resolve) =>
    child.on('exit', (code, signal) => resolve(String(signal ?? code))),
  );
  undoAfter(t, async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const ready = new Promise<string>((resolve) =>
    child.on('message', (message) => resolve(String(Object(message).endpoints?.oss))),
  );
  const oss = await Promise.race([ready, ended.then((how) => Promise.reject(new Error(`ended: ${how}`)))]);
  return { child, oss, ended };
}

const digest = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex').toUpperCase();

/**
 * Puts objects of all sizes, some repeatedly, until the server is killed. Records the possible ETags of each key in
 * `possibleEtags`, and every answered put as `<key> <etag>` in `answeredPuts`.
 */
async function putUntilKilled(
  oss: string,
  round: number,
  { possibleEtags, answeredPuts }: { possibleEtags: Map<string, Set<string>>; answeredPuts: Set<string> },
): Promise<void> {
  let count = 0;
  const putRepeatedly = async (number: number) => {
    for (;;) {
      const key = count % 3 === 0 ? `zip/again-${number}.zip` : `zip/${round}-${number}-${count}.zip`;
      const body = randomBytes([0, 10, 10_000, 70_000, 1_500_000][count % 5] ?? 0);
      const etag = digest(body);
      count += 1;
      const put = { method: 'PUT', body, signal: AbortSignal.timeout(10_000) };
      const status = await fetch(`${oss}/eb-ask/${key}`, put)
        .then(async (answer) => {
          await answer.text();
          return answer.status;
        })
        .catch(() => undefined);
      if (status === undefined) {
        // Not acknowledged: the put may have succeeded or not.
        possibleEtags.get(key)?.add(etag);
        return;
      }
      assert.equal(status, 200);
      possibleEtags.set(key, new Set([etag]));
      answeredPuts.add(`${key} ${etag}`);
    }
  };
  await Promise.all([0, 1, 2, 3].map(putRepeatedly));
}

test('after kill -9, every acknowledged object is complete, and its event is delivered', {
  timeout: 300_000,
}, async (t) => {
  const dir = await temporaryDirectory(t);
  const sink = await startSink(t);
  const possibleEtags = new Map<string, Set<string>>();
  const answeredPuts = new Set<string>();
  for (let round = 0; round < 3; round += 1) {
    // Half of the events get an error before the kill, so that the outbox is not empty.
    sink.answer = () => (sink.events.length % 2 === 0 ? 202 : 503);
    const { child, oss, ended } = await startProcess(t, dir, sink.url);
    const before = possibleEtags.size;
    const putting = putUntilKilled(oss, round, { possibleEtags, answeredPuts });
    await until('enough objects are stored', () => possibleEtags.size > before + 60);
    child.kill('SIGKILL');
    await Promise.all([putting, ended]);
  }

  sink.answer = () => 202;
  const { child, oss, ended } = await startProcess(t, dir, sink.url);
  const list = new Set<string>();
  let empty = 0;
  for (let marker = ''; ; ) {
    const page = await (
      await fetch(`${oss}/eb-ask?max-keys=1000&marker=${encodeURIComponent(marker)}`)
    ).text();
    for (const [, key = ''] of page.matchAll(/<Key>([^<]*)</g)) list.add(key);
    empty += page.split('<Size>0<').length - 1;
    if (!page.includes('<IsTruncated>true<')) break;
    marker = [...list].at(-1) ?? '';
  }
  for (const key of possibleEtags.keys()) assert.ok(list.has(key), `${key} is missing`);
  for (const key of list) {
    const answer = await fetch(`${oss}/eb-ask/${key}`);
    const got = digest(Buffer.from(await answer.arrayBuffer()));
    assert.equal(answer.headers.get('etag'), `"${got}"`, `${key} is incomplete`);
    assert.ok(possibleEtags.get(key)?.has(got) ?? true, `${key} has content that was not put`);
  }
  const publishedPuts = () =>
    new Set(
      sink.events.map(({ body }) => {
        const { key, eTag } = JSON.parse(body).data.oss.object;
        return `${key} ${eTag}`;
      }),
    );
  const missing = () => {
    const published = publishedPuts();
    return [...answeredPuts].filter((put) => !published.has(put));
  };
  await until('the event of every acknowledged put is delivered', () => missing().length === 0);

  child.kill('SIGTERM');
  assert.equal(await ended, '0');
  assert.equal((await contentFiles(dir)).length, list.size - empty, 'content files without an object');
});

test('a second process on the same directory ends with one clear sentence', {
  timeout: 300_000,
}, async (t) => {
  const dir = await temporaryDirectory(t);
  const sink = await startSink(t);
  const { child } = await startProcess(t, dir, sink.url);
  const second = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      ...localEnvironment(dir),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  second.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise((resolve) => second.on('exit', resolve));
  assert.equal(code, 1);
  assert.equal(
    stderr,
    `sluice local: state directory ${dir} is in use by process ${child.pid}; stop it, or choose another SLUICE_LOCAL_DIR\n`,
  );
});

test('invalid settings end the process with code 2 and a message that names each of them, but no secret', {
  timeout: 300_000,
}, async () => {
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      SLUICE_LOCAL_OSS_PORT: '99999',
      SLUICE_LOCAL_TABLESTORE_PORT: '0',
      SLUICE_LOCAL_AMAP_PORT: '0',
      SLUICE_LOCAL_CHANNELS_PORT: '0',
      SLUICE_LOCAL_GATEWAY: 'ftp://x',
      OSS_ACCESSKEYSECRET: 'hush',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  assert.equal(await new Promise((resolve) => child.on('exit', resolve)), 2);
  for (const variable of ['SLUICE_LOCAL_DIR', 'SLUICE_LOCAL_OSS_PORT', 'SLUICE_LOCAL_GATEWAY'])
    assert.match(stderr, new RegExp(variable));
  assert.doesNotMatch(stderr, /hush/);
});
