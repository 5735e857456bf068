import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ConsumerLine, RunningConsumer } from './tunnel-consumer.ts';

const START_MS = 20_000;
const STOP_MS = 15_000;

/**
 * Starts a consumer that writes its lines to standard output, and waits for its line `started`. Its standard input
 * stays open as long as this process runs. A consumer whose standard input ends must exit.
 */
export async function startConsumerProcess(
  program: string,
  args: readonly string[],
  onLine: (line: ConsumerLine) => void,
): Promise<RunningConsumer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk}`.slice(-4_000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`} ${stderr}`));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  const started = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (text) => {
      const line = read(text);
      if (line?.type === 'started') resolve();
      if (line !== undefined) onLine(line);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const startTimeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${program} did not start within ${START_MS} ms`)), START_MS);
  });
  const failed = ended.then((how) => Promise.reject(new Error(`${program} ended: ${how}`)));
  failed.catch(() => {});
  try {
    await Promise.race([started, startTimeout, failed]);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/** Parses a line. Returns undefined for an incomplete line, which may be the last one of a killed process. */
function read(text: string): ConsumerLine | undefined {
  try {
    return JSON.parse(text) as ConsumerLine;
  } catch {
    return undefined;
  }
}
