import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { messageOf, Unavailable } from '../../domain/errors.ts';
import { type LackingMemory, lackingMemory } from '../../domain/unzip/planning-memory.ts';
import { planningNodeFlags } from '../../runtime/node-options.ts';
import { type PlanningJob, type PlanningMessage, receiveMessage, sendMessage } from './planning-messages.ts';

/** V8 writes a few lines about its heap before it ends the process. */
const MAX_ERROR_CHARACTERS = 16_384;

const program = fileURLToPath(new URL('./planning-process.js', import.meta.url));

/**
 * Runs a job in a process of its own. Returns the answer of the process, or which memory it lacked. Kills the process
 * when the signal aborts. V8 ends the process if the heap is too small.
 */
export async function runPlanningProcess(
  job: PlanningJob,
  directory: Buffer,
  heapMib: number,
  signal: AbortSignal,
): Promise<PlanningMessage | LackingMemory> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [...planningNodeFlags(heapMib), program], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) {
    const [error] = await once(child, 'error');
    throw new Unavailable('NoProcess', `the planning process cannot start: ${messageOf(error)}`);
  }
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const ended = once(child, 'close');
  // The promise is not awaited if the answer cannot be read.
  ended.catch(() => {});
  try {
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-MAX_ERROR_CHARACTERS);
    });
    // If the child ends early, the rest of the job cannot be written.
    child.stdin.on('error', () => {});
    sendMessage(child.stdin, job, directory);
    const [answer] = await Promise.all([receiveMessage(child.stdout), ended]);
    if (answer !== undefined) return answer;
    signal.throwIfAborted();
    const lacking = lackingMemory(child.signalCode, errors);
    if (lacking !== undefined) return lacking;
    throw failureOf(child, errors);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}

function failureOf({ exitCode, signalCode }: ChildProcess, errors: string): Error {
  const how = signalCode === null ? `code ${exitCode}` : `signal ${signalCode}`;
  return new Error(`the planning process ended with ${how}: ${errors.trim().slice(-500)}`);
}
