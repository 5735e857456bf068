import { type ParseArgsConfig, parseArgs } from 'node:util';
import { closestWord } from './closest-word.ts';

/** What the file of a command exports. */
export interface Command {
  /** What `--help` prints. */
  readonly help: string;
  /** Does it, and answers the exit code: 0 done, 1 failed. Undefined when a process was started that goes on. */
  run(args: readonly string[]): Promise<number | undefined>;
}

/** The command was used wrongly: its sentence is printed, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command could not do its work, for a reason that a person can act on: its sentence is printed, exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Splits a command's arguments; `positionals` names its words in order: `<id>` has to be there, `[file]` may; `any`
 * takes as many as there are.
 * @throws UsageError for an unknown option, and for too few or too many words
 */
export function parseCommand<const T extends Options>(
  args: readonly string[],
  options: T,
  positionals: readonly string[] | 'any' = [],
) {
  const parsed = parseOrThrowUsage(args, options);
  if (positionals === 'any') return parsed;
  const words = parsed.positionals;
  const missing = positionals[words.length];
  if (missing?.startsWith('<')) throw new UsageError(`${missing} is missing`);
  const extra = words[positionals.length];
  if (extra !== undefined) throw new UsageError(`${JSON.stringify(extra)} is one argument too many`);
  return parsed;
}

function parseOrThrowUsage<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's text goes on with advice about `--`; its first sentence names the option.
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError(text.split(/\. To specify|\n/)[0] ?? text);
  }
}

/** The number that an option gives; throws `UsageError` naming option and value where it is none from `min` to `max`. */
export function parseWholeNumber(option: string, text: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${option} is ${JSON.stringify(text)}; allowed: a whole number from ${min} to ${max}`);
}

type Subcommand = (args: readonly string[]) => Promise<number>;

/** The verbs of a command, each loaded when it is used; the first is meant where none is given. */
type Subcommands = Readonly<Record<string, () => Promise<Subcommand>>>;

/**
 * Runs the verb that the arguments begin with; `guess` may name the one that a wrong word stands for.
 * @throws UsageError for a word that is no verb
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
  throw new UsageError(`there is no \`${command} ${word}\`${hint}`);
}
