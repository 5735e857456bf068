import { inspect } from 'node:util';
import { InvalidInput, Unavailable } from '../domain/errors.ts';
import { ConfigError } from '../runtime/config.ts';
import { closestWord } from './closest-word.ts';
import { CommandError, UsageError } from './command.ts';
import { commands } from './commands.ts';
import { printable } from './terminal-text.ts';

/**
 * Runs a command line. Returns the exit code: 0 done, 1 failed, 2 used incorrectly; undefined if it started a process
 * that keeps running.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number | undefined> {
  const [name, ...args] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(overviewText());
    return name === undefined ? 2 : 0;
  }
  // `sluice start` prints only its own texts, which have colours.
  if (name !== 'start') printOnlyText();
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) {
    const suggestion = closestWord(
      name,
      commands.map((command) => command.name),
    );
    const hint = suggestion === undefined ? 'see sluice --help' : `did you mean \`sluice ${suggestion}\`?`;
    console.error(`sluice: there is no command ${JSON.stringify(name)}; ${hint}`);
    return 2;
  }
  const command = await entry.load();
  if (wantsHelp(args)) {
    console.log(command.help.trim());
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    return printError(name, error);
  }
}

/**
 * Makes everything that a command prints safe for a terminal. Events, archives and rows contain texts from outside, and
 * so do error messages.
 */
function printOnlyText(): void {
  for (const method of ['log', 'error'] as const) {
    const print = console[method].bind(console);
    console[method] = (...values: unknown[]) =>
      print(...values.map((value) => printable(typeof value === 'string' ? value : inspect(value))));
  }
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

function printError(name: string, error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`sluice ${name}: ${error.message}; see sluice ${name} --help`);
    return 2;
  }
  if (error instanceof ConfigError) {
    console.error(`sluice ${name}: ${error.message}`);
    return 2;
  }
  if (error instanceof CommandError) console.error(`sluice ${name}: ${error.message}`);
  else if (error instanceof InvalidInput || error instanceof Unavailable)
    console.error(`sluice ${name}: ${error.type}: ${error.message}`);
  else console.error(`sluice ${name}:`, error);
  return 1;
}

function overviewText(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'CloudEvents in, durable Temporal workflows out.',
    '',
    'usage: sluice <command> [options]',
    '',
    ...lines,
    '',
    '`sluice <command> --help` says more. Exit codes: 0 done, 1 failed, 2 used incorrectly.',
  ].join('\n');
}
