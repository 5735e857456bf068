/** Shows progress on the terminal: one line for each step, updated while the step runs. */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const NAME_WIDTH = 14;

/** A step failed, and the terminal already shows the reason. The script exits with 1 without more output. */
export class StepFailed extends Error {
  constructor(name, cause) {
    super(`${name} failed`, { cause });
    this.name = 'StepFailed';
  }
}

/** Formats a duration: `80 ms`, `1.2 s`, `12 s`, `3 min 21 s`. */
export function duration(ms) {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * `step(name, work)` runs `work(progress)`, prints its line and returns the result of `work`. `progress(text)`
 * updates the line. On a failure, `step` prints the error, lines of its output (`error.outputLines`) and
 * `error.remedy`, and throws StepFailed. `note(result, elapsed)` can replace the elapsed time on the line.
 */
export function createSteps(out = process.stdout) {
  const live = out.isTTY === true;
  const paint = (code, text) =>
    live && out.hasColors?.() !== false ? `\u001b[${code}m${text}\u001b[0m` : text;
  const line = (mark, name, details) => `${mark} ${name.padEnd(NAME_WIDTH)} ${details}`;

  async function step(name, work, note = (_result, elapsed) => elapsed) {
    const began = Date.now();
    let doing = '';
    let frame = 0;
    const draw = () => {
      const text = line(FRAMES[frame++ % FRAMES.length], name, `${duration(Date.now() - began)}  ${doing}`);
      out.write(`\r\u001b[2K${text.slice(0, (out.columns ?? 80) - 1)}`);
    };
    const timer = live ? setInterval(draw, 120) : undefined;
    const progress = (text) => {
      if (text === doing) return;
      doing = text;
      if (!live) out.write(`${line('…', name, text)}\n`);
    };
    try {
      const result = await work(progress);
      clearInterval(timer);
      if (live) out.write('\r\u001b[2K');
      out.write(`${line(paint(32, '✓'), name, paint(2, note(result, duration(Date.now() - began))))}\n`);
      return result;
    } catch (error) {
      clearInterval(timer);
      if (live) out.write('\r\u001b[2K');
      if (error instanceof StepFailed) throw error;
      out.write(`${line(paint(31, '✗'), name, duration(Date.now() - began))}\n`);
      for (const text of failureLines(error)) out.write(`    ${text}\n`);
      throw new StepFailed(name, error);
    }
  }
  return { step, paint };
}

/** The lines of a failure: message, lines of output, remedy. */
export function failureLines(error) {
  const lines = String(error?.message ?? error).split('\n');
  const outputLines = error?.outputLines ?? [];
  const remedy = error?.remedy === undefined ? [] : `→ ${error.remedy}`.split('\n');
  return [...lines, ...outputLines.map((text) => `| ${text}`), ...remedy];
}

/** Runs a script's `main`. After a failed step, the script exits with 1. Any other error also prints its message. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof StepFailed)) process.stderr.write(`${failureLines(error).join('\n')}\n`);
    process.exitCode = 1;
  }
}
