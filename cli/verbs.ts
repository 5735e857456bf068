import { UsageError } from './command.ts';
import { nearest } from './nearest.ts';

type Run = (args: readonly string[]) => Promise<number>;

/** The verbs of a command, each loaded when it is used; the first is meant where none is given. */
export type Verbs = Readonly<Record<string, () => Promise<Run>>>;

/**
 * Runs the verb that the arguments begin with; `guess` may name the one that a wrong word stands for.
 * @throws UsageError for a word that is no verb
 */
export async function runVerb(
  command: string,
  verbs: Verbs,
  args: readonly string[],
  guess: (word: string) => string | undefined = () => undefined,
): Promise<number> {
  const [first = ''] = Object.keys(verbs);
  const [word = first, ...rest] = args;
  if (word.startsWith('-')) return runVerb(command, verbs, [first, ...args]);
  const load = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
  if (load !== undefined) return (await load())(rest);
  const meant = guess(word) ?? nearest(word, Object.keys(verbs));
  const hint = meant === undefined ? '' : `; did you mean \`sluice ${command} ${meant}\`?`;
  throw new UsageError(`there is no \`${command} ${word}\`${hint}`);
}
