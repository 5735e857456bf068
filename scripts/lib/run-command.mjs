/** Runs programs for the set-up, with a timeout. Collects their output instead of showing it. */
import { spawn } from 'node:child_process';

/**
 * npm prints an error at the start of its output. Most other programs print it at the end. So a failure shows some of
 * the first lines, too.
 */
const HEAD_LINES = 5;
const TAIL_LINES = 15;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A program failed. Has a message, the first and the last lines of output (`outputLines`), and a remedy. */
export class CommandFailed extends Error {
  constructor(message, { outputLines = [], remedy } = {}) {
    super(message);
    this.name = 'CommandFailed';
    this.outputLines = outputLines;
    this.remedy = remedy;
  }
}

/**
 * Runs a program and returns its standard output. `onLine` receives each line of both streams. The program has its
 * own process group. The group is killed after `timeoutMs`, or when this process ends.
 * @throws CommandFailed if the program cannot start, exits with another code than 0, or exceeds the timeout
 */
export function runCommand(command, args, { cwd, env, timeoutMs, remedy, onLine } = {}) {
  const name = [command.split(/[/\\]/).pop(), ...args].join(' ').slice(0, 120);
  const windows = process.platform === 'win32';
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: !windows,
      // On Windows npm is a command file, which only a shell can start.
      shell: windows && !command.includes('\\'),
    });
    let stdout = '';
    const head = [];
    const tail = [];
    let omitted = 0;
    let timedOut = false;

    const end = (signal) => endGroup(child, signal);
    const timer = setTimeout(() => {
      timedOut = true;
      end('SIGKILL');
    }, timeoutMs);
    const onSignal = (signal) => {
      end('SIGTERM');
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    for (const signal of SIGNALS) process.once(signal, onSignal);
    const settle = (finish) => {
      clearTimeout(timer);
      for (const signal of SIGNALS) process.off(signal, onSignal);
      finish();
    };

    for (const stream of [child.stdout, child.stderr]) {
      let partialLine = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => {
        if (stream === child.stdout) stdout += chunk;
        const lines = (partialLine + chunk).split(/\r?\n|\r/);
        partialLine = lines.pop() ?? '';
        for (const line of lines) recordLine(line);
      });
      stream.on('end', () => recordLine(partialLine));
    }
    const recordLine = (line) => {
      if (line.trim() === '') return;
      if (head.length < HEAD_LINES) head.push(line);
      else if (tail.push(line) > TAIL_LINES) {
        tail.shift();
        omitted++;
      }
      onLine?.(line);
    };

    child.on('error', (error) => {
      settle(() =>
        reject(new CommandFailed(`\`${name}\` could not be started: ${error.message}`, { remedy })),
      );
    });
    child.on('close', (code, signal) => {
      settle(() => {
        if (code === 0) return resolve(stdout);
        const why = timedOut
          ? `did not end within ${timeoutMs / 1000} s`
          : `ended with ${signal ?? `exit code ${code}`}`;
        const gap = omitted === 0 ? [] : [`… ${omitted} lines …`];
        reject(new CommandFailed(`\`${name}\` ${why}`, { outputLines: [...head, ...gap, ...tail], remedy }));
      });
    });
  });
}

function endGroup(child, signal) {
  try {
    if (process.platform === 'win32') child.kill(signal);
    else if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The process has already ended.
  }
}
