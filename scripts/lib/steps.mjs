/** Progress on the terminal: one line a step, a live line while it runs where there is a terminal. */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const NAME_WIDTH = 14;

/** Raised for a step that failed and whose failure is on the terminal already: exit with 1, say no more. */
export class StepFailed extends Error {
  constructor(name, cause) {
    super(`${name} failed`, { cause });
    this.name = 'StepFailed';
  }
}

/** A duration for people: `80 ms`, `1.2 s`, `12 s`, `3 min 21 s`. */
export function duration(ms) {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * `step(name, work)` runs `work(progress)`, prints its line and answers what `work` answered; `progress(text)`
 * says what is going on. A failure prints the error, the `tail` of output and the `remedy` it carries, and
 * throws StepFailed. `note(result, elapsed)` may replace the elapsed time on the line.
 */
export function createSteps(out = process.stdout) {
  const live = out.isTTY === true;
  const paint = (code, text) =>
    live && out.hasColors?.() !== false ? `\u001b[${code}m${text}\u001b[0m` : text;
  const line = (mark, name, rest) => `${mark} ${name.padEnd(NAME_WIDTH)} ${rest}`;

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

/** What is shown of a failure: its sentence, the last lines of output, and what to do. */
export function failureLines(error) {
  const lines = String(error?.message ?? error).split('\n');
  const tail = error?.tail ?? [];
  const remedy = error?.remedy === undefined ? [] : `→ ${error.remedy}`.split('\n');
  return [...lines, ...tail.map((text) => `| ${text}`), ...remedy];
}

/** Runs a script's `main`: a step's failure ends it with 1 quietly, anything else with its message. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof StepFailed)) process.stderr.write(`${failureLines(error).join('\n')}\n`);
    process.exitCode = 1;
  }
}
