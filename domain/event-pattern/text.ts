import { type PathSteps, PatternError } from './pattern-error.ts';

type TextTest = (text: string) => boolean;

/** Applies a test of texts to any value. Values that are not texts never satisfy it. */
const onText =
  (test: TextTest) =>
  (value: unknown): boolean =>
    typeof value === 'string' && test(value);

/** Replaces each character by its small form, if that is also one character. */
const foldCase = (text: string): string =>
  [...text]
    .map((character) => {
      const small = character.toLowerCase();
      return [...small].length === 1 ? small : character;
    })
    .join('');

/** The operators with a text as their argument. */
export const TEXT_OPERATORS = ['prefix', 'suffix', 'contains', 'equals-ignore-case', 'wildcard'] as const;
export type TextOperator = (typeof TEXT_OPERATORS)[number];

export const isTextOperator = (operator: string): operator is TextOperator =>
  (TEXT_OPERATORS as readonly string[]).includes(operator);

/** Compiles an operator with a text, or a prefix or suffix with `{"equals-ignore-case": text}`. */
export function compileText(operator: TextOperator, argument: unknown, path: PathSteps, allowEmpty = false) {
  const [inner, ignoresCase] = innerText(operator, argument);
  if (typeof inner !== 'string' || (inner === '' && !allowEmpty))
    throw new PatternError(path, `${operator} must be a ${allowEmpty ? '' : 'non-empty '}string`, argument);
  if (operator === 'wildcard') return onText(compileWildcard(inner, path));
  const fold = ignoresCase ? foldCase : (text: string) => text;
  const expected = fold(inner);
  const tests: Readonly<Record<Exclude<TextOperator, 'wildcard'>, TextTest>> = {
    prefix: (text) => fold(text).startsWith(expected),
    suffix: (text) => fold(text).endsWith(expected),
    contains: (text) => text.includes(expected),
    'equals-ignore-case': (text) => fold(text) === expected,
  };
  return onText(tests[operator]);
}

function innerText(
  operator: TextOperator,
  argument: unknown,
): readonly [text: unknown, ignoresCase: boolean] {
  if (operator === 'equals-ignore-case') return [argument, true];
  if ((operator === 'prefix' || operator === 'suffix') && typeof argument === 'object' && argument !== null) {
    const entries = Object.entries(argument);
    const [[name, text] = []] = entries;
    if (entries.length === 1 && name === 'equals-ignore-case') return [text, true];
  }
  return [argument, false];
}

/**
 * Compiles a text in which `*` stands for any characters. `\*` and `\\` are the characters themselves. The time of a
 * test grows with the length of the text times the length of the longest piece. It does not grow with the number of
 * `*`.
 */
function compileWildcard(pattern: string, path: PathSteps): TextTest {
  const pieces = [''];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    if (character === '*') {
      if (at > 0 && pieces.at(-1) === '' && pieces.length > 1)
        throw new PatternError(path, 'wildcard must not have two * in a row', pattern);
      pieces.push('');
      continue;
    }
    const literal = character === '\\' ? pattern[++at] : character;
    if (literal === undefined || (character === '\\' && literal !== '*' && literal !== '\\'))
      throw new PatternError(path, 'in wildcard, \\ must be followed by * or \\', pattern);
    pieces.push(`${pieces.pop() ?? ''}${literal}`);
  }
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}
