import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const READY_MS = 30_000;
const ANSWER_MS = 120_000;

/** A request to a broker. Header values are sent as Latin-1, so they can hold any bytes. */
export interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** Knative's ingress, channel and filter in one process (test/tools/knative). */
export interface DataPlane {
  /**
   * Posts to a broker, `namespace/name`, and returns the status of the ingress. The ingress answers after the event was
   * delivered to every trigger, including retries and dead letters, as with an InMemoryChannel.
   */
  post(broker: string, event: Posted): Promise<number>;
  /** True while the process runs. */
  readonly running: boolean;
  /** Resolves when the process has ended, with its exit code or signal and the end of its log. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the data plane for the Brokers and Triggers of `manifests`, a YAML text. `services` maps host names in the
 * cluster to ports of 127.0.0.1.
 */
export async function startDataPlane(
  program: string,
  manifests: string,
  services: Readonly<Record<string, number>>,
): Promise<DataPlane> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-knative-'));
  const file = join(dir, 'manifests.yaml');
  writeFileSync(file, manifests);
  const named = Object.entries(services).flatMap(([host, port]) => ['-service', `${host}=127.0.0.1:${port}`]);
  const child = spawn(program, ['data-plane', ...named, file], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk}`.slice(-4_000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`} ${stderr}`));
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const line = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(READY_MS) });
    line.catch(() => {});
    const failed = ended.then((why) => Promise.reject(new Error(`Knative's data plane ended: ${why}`)));
    failed.catch(() => {});
    const [ready] = (await Promise.race([line, failed])) as [string];
    const { ingress } = JSON.parse(ready) as { ingress: string };
    return {
      ended,
      stop,
      get running() {
        return child.exitCode === null && child.signalCode === null;
      },
      post: (broker, event) => post(`${ingress}/${broker}`, event),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function post(url: string, { headers, body }: Posted): Promise<number> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const sent = request(url, { method: 'POST', headers: { ...headers }, agent: false, signal }, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    // The body is sent as bytes. Node.js would write a string together with the headers, and encode both as UTF-8.
    sent.end(Buffer.from(body as string));
  });
}
