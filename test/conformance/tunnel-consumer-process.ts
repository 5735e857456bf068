import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ConsumerLine, RunningConsumer } from './tunnel-consumer.ts';

const START_MS = 20_000;
const STOP_MS = 15_000;

/**
 * Runs a consumer that writes its lines to standard output; it is there when it has said `started`. Its standard input
 * stays open for as long as this process lives: by its end a consumer sees that it was left alone.
 */
export async function startConsumerProcess(
  program: string,
  args: readonly string[],
  onLine: (line: ConsumerLine) => void,
): Promise<RunningConsumer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-4_000);
  });
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`} ${said}`));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
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
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${program} has not started in ${START_MS} ms`)), START_MS);
  });
  const died = gone.then((how) => Promise.reject(new Error(`${program} ended: ${how}`)));
  died.catch(() => {});
  try {
    await Promise.race([started, late, died]);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return {
    ended: gone,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/** A line; the last one of a process that was killed may be half of one, which nobody can have meant. */
function read(text: string): ConsumerLine | undefined {
  try {
    return JSON.parse(text) as ConsumerLine;
  } catch {
    return undefined;
  }
}
