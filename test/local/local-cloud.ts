import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import OSS from 'ali-oss';
import type { LocalConfig } from '../../local/config.ts';
import { startLocalCloud } from '../../local/start-local-cloud.ts';
import { createLog } from '../../runtime/log.ts';

export const KEY_ID = 'local';
export const SECRET = 'local-secret';

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Runs `undo` after the test. Several functions run in reverse order. */
export function undoAfter(t: TestContext, undo: () => unknown): void {
  const known = cleanups.get(t);
  if (known !== undefined) {
    known.push(undo);
    return;
  }
  const all = [undo];
  cleanups.set(t, all);
  t.after(async () => {
    for (const last of all.reverse()) await last();
  });
}

/** Creates a directory that is deleted after the test. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-local-'));
  undoAfter(t, () => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Returns settings of a local cloud on free ports, with an unreachable gateway by default. */
export function localConfig(dir: string, changes: Partial<LocalConfig> = {}): LocalConfig {
  return {
    dir,
    ossPort: 0,
    tablestorePort: 0,
    amapPort: 0,
    channelsPort: 0,
    weatherKeptDays: undefined,
    deliveriesKeptDays: undefined,
    tablestoreInstance: 'sluice-local',
    gateway: 'http://127.0.0.1:1',
    rules: undefined,
    accessKeyId: KEY_ID,
    accessKeySecret: SECRET,
    logLevel: 'error',
    ...changes,
  };
}

/** Starts a local cloud in this process, and stops it after the test. Returns the address of its OSS. */
export async function startCloud(t: TestContext, changes: Partial<LocalConfig> = {}): Promise<string> {
  const dir = changes.dir ?? (await temporaryDirectory(t));
  const running = await startLocalCloud(localConfig(dir, changes), createLog('local', 'silent'));
  undoAfter(t, () => running.stop());
  return running.endpoints?.oss ?? '';
}

/** Returns the names of the content files in a cloud's directory. */
export async function contentFiles(dir: string): Promise<string[]> {
  const entries = await readdir(join(dir, 'objects'), { recursive: true });
  return entries.map((path) => basename(path)).filter((name) => name.length === 32);
}

/** Options that ali-oss supports, but its types do not. */
interface ClientOptions extends OSS.Options {
  readonly sldEnable?: boolean;
}

/** Creates an unmodified ali-oss client for the local OSS, in path style. */
export function aliOss(endpoint: string, changes: Partial<ClientOptions> = {}): OSS {
  const options: ClientOptions = {
    endpoint,
    region: 'oss-cn-hangzhou',
    bucket: 'eb-ask',
    accessKeyId: KEY_ID,
    accessKeySecret: SECRET,
    sldEnable: true,
    timeout: 10_000,
    ...changes,
  };
  return new OSS(options);
}

/** A replacement for the gateway. It records all events. `answer` returns the status of each. */
export interface Sink {
  readonly url: string;
  readonly events: {
    readonly path: string;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly body: string;
  }[];
  answer: (body: string) => number | undefined;
}

/** Starts a sink that stops after the test. If `answer` returns undefined, the request gets no answer. */
export async function startSink(t: TestContext): Promise<Sink> {
  const sink: Sink = { url: '', events: [], answer: () => 202 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      sink.events.push({ path: request.url ?? '', headers: request.headers, body });
      const status = sink.answer(body);
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undoAfter(t, () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return Object.assign(sink, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** Waits until `condition` is true. Throws with `description` after `timeoutMs`. */
export async function until(
  description: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
