import { type ParseArgsConfig, parseArgs } from 'node:util';
import { InvalidInput } from '../domain/errors.ts';
import { closestWord } from './closest-word.ts';

/** The exports of a command's file. */
export interface Command {
  /** The text that `--help` prints. */
  readonly help: string;
  /**
   * Runs the command. Returns the exit code: 0 done, 1 failed; undefined if it started a process that keeps running.
   */
  run(args: readonly string[]): Promise<number | undefined>;
}

/** The command was used incorrectly. The message is printed, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command failed for a reason that the user can fix. The message is printed, and the exit code is 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Runs `work`, which reads an argument of the command. If `work` throws `InvalidInput`, throws a `UsageError`. */
export function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidInput) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses a command's arguments. `positionals` names them in order: `<id>` is required, `[file]` is optional; `any`
 * accepts any number.
 * @throws UsageError for an unknown option, an empty argument, and for too few or too many arguments
 */
export function parseCommand<const T extends Options>(
  args: readonly string[],
  options: T,
  positionals: readonly string[] | 'any' = [],
) {
  const parsed = parseOrThrowUsage(args, options, positionals !== 'any' && positionals.length > 0);
  if (positionals === 'any') return parsed;
  const words = parsed.positionals;
  const missing = positionals[words.length];
  if (missing?.startsWith('<')) throw new UsageError(`${missing} is missing`);
  const extra = words[positionals.length];
  if (extra !== undefined) throw new UsageError(`${JSON.stringify(extra)} is one argument too many`);
  const empty = positionals[words.indexOf('')];
  if (empty !== undefined) throw new UsageError(`${empty} is empty`);
  return parsed;
}

function parseOrThrowUsage<const T extends Options>(
  args: readonly string[],
  options: T,
  hasPositionals: boolean,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // The advice of Node.js about `--` does not name the command's arguments. Its first sentence names the option.
    const text = error instanceof Error ? error.message : String(error);
    const [, option] = /^Option '(?:-\w, )?(--[\w-]+)(?: <value>)?' argument is ambiguous/.exec(text) ?? [];
    if (option !== undefined)
      throw new UsageError(`a value of ${option} that begins with - is written as ${option}=<value>`);
    const advice = hasPositionals ? '; an argument that begins with - comes after --' : '';
    throw new UsageError(`${text.split(/\. To specify|\n/)[0] ?? text}${advice}`);
  }
}

/**
 * Parses the number of an option. Throws `UsageError` with option and value if the value is not a whole number from
 * `min` to `max`.
 */
export function parseWholeNumber(option: string, text: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${option} is ${JSON.stringify(text)}; allowed: a whole number from ${min} to ${max}`);
}

type Subcommand = (args: readonly string[]) => Promise<number>;

/** The subcommands of a command, loaded on use. The first one is the default. */
type Subcommands = Readonly<Record<string, () => Promise<Subcommand>>>;

/**
 * Runs the subcommand that the first argument names. `suggestFor` may return a suggestion for an unknown word.
 * @throws UsageError for an unknown subcommand
 */
export async function runSubcommand(
  command: string,
  verbs: Subcommands,
  args: readonly string[],
  suggestFor: (word: string) => string | undefined = () => undefined,
): Promise<number> {
  const [first = ''] = Object.keys(verbs);
  const [word = first, ...rest] = args;
  if (word.startsWith('-')) return runSubcommand(command, verbs, [first, ...args]);
  const load = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
  if (load !== undefined) return (await load())(rest);
  const suggestion = suggestFor(word) ?? closestWord(word, Object.keys(verbs));
  const hint = suggestion === undefined ? '' : `; did you mean \`sluice ${command} ${suggestion}\`?`;
  throw new UsageError(`there is no subcommand \`${command} ${word}\`${hint}`);
}
