import { InvalidInput } from '../errors.ts';
import type { Charset } from '../zip/charset-decoder.ts';
import { UNSAFE_NAME_POLICIES, type UnsafeNamePolicy } from '../zip/entry-name.ts';
import type { NameOptions } from '../zip/entry-name-rules.ts';

/** Charsets for entry names without a declared charset: labels of the Encoding Standard, and CP437. */
export const CHARSETS: readonly Charset[] = [
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'cp866',
  'koi8-r',
  'cp437',
  'utf-8',
];

/** Other names of charsets. Each of these charsets is a part of the one that is used instead. */
const SUPERSETS: ReadonlyMap<string, Charset> = new Map([
  ['gbk', 'gb18030'],
  ['gb2312', 'gb18030'],
]);

/**
 * Returns the charsets of a comma-separated list, or undefined if one of them is unknown or the list is empty. Upper and
 * lower case are equal.
 */
export function parseCharsets(list: string): readonly Charset[] | undefined {
  const labels = list.split(',').map((label) => label.trim().toLowerCase());
  const charsets = [...new Set(labels.map((label) => SUPERSETS.get(label) ?? label))];
  return charsets.every((charset) => CHARSETS.includes(charset)) ? charsets : undefined;
}

/** Returns the policy with this name, or undefined if there is none. Upper and lower case are equal. */
export function parseUnsafeNamePolicy(name: string): UnsafeNamePolicy | undefined {
  const lower = name.trim().toLowerCase();
  return UNSAFE_NAME_POLICIES.find((known) => known === lower);
}

/** The options of a route's input or of an object's metadata, not yet checked. */
interface GivenNameOptions {
  readonly charsets?: unknown;
  readonly unsafe?: unknown;
}

/** Returns what is wrong with the options, such as `must be one of fail, skip, strip, but is "ignore"`. */
export function findNameOptionMistakes({ charsets, unsafe }: GivenNameOptions): {
  readonly option: keyof GivenNameOptions;
  readonly reason: string;
}[] {
  const describe = (value: unknown, allowed: readonly string[], count: string): string =>
    `must be ${count} of ${allowed.join(', ')}, but is ${(JSON.stringify(value) ?? 'missing').slice(0, 100)}`;
  const mistakes: ReturnType<typeof findNameOptionMistakes> = [];
  if (isGiven(charsets) && charsetsOf(charsets) === undefined)
    mistakes.push({ option: 'charsets', reason: describe(charsets, CHARSETS, 'a comma-separated list') });
  if (isGiven(unsafe) && policyOf(unsafe) === undefined)
    mistakes.push({ option: 'unsafe', reason: describe(unsafe, UNSAFE_NAME_POLICIES, 'one') });
  return mistakes;
}

/**
 * Reads the options of a route's input or of an object's metadata. Throws `InvalidInput` of type `BadInput`, with the
 * option's name from `labels`, for an invalid value.
 */
export function readNameOptions(
  given: GivenNameOptions,
  labels: { subject: string; charsets: string; unsafe: string },
): Partial<NameOptions> {
  const [mistake] = findNameOptionMistakes(given);
  if (mistake !== undefined)
    throw new InvalidInput('BadInput', `${labels.subject}: ${labels[mistake.option]} ${mistake.reason}`);
  const charsets = charsetsOf(given.charsets);
  const unsafe = policyOf(given.unsafe);
  return {
    ...(charsets === undefined ? {} : { charsets }),
    ...(unsafe === undefined ? {} : { unsafe }),
  };
}

function charsetsOf(value: unknown): readonly Charset[] | undefined {
  const list = Array.isArray(value) ? value.join(',') : value;
  return typeof list === 'string' ? parseCharsets(list) : undefined;
}

const policyOf = (value: unknown): UnsafeNamePolicy | undefined =>
  typeof value === 'string' ? parseUnsafeNamePolicy(value) : undefined;

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
