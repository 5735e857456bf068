import { InvalidInput } from '../errors.ts';
import type { Charset } from '../zip/charset-fit.ts';
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

/** Returns the charsets of a comma-separated list, or undefined if one of them is unknown or the list is empty. */
export function parseCharsets(list: string): readonly Charset[] | undefined {
  const charsets = list.split(',').map((charset) => charset.trim().toLowerCase());
  return charsets.every((charset) => CHARSETS.includes(charset)) ? charsets : undefined;
}

/**
 * Reads the options of a route's input or of an object's metadata. Throws `InvalidInput` of type `BadInput`, with the
 * option's name from `labels`, for an invalid value.
 */
export function readNameOptions(
  { charsets, unsafe }: { charsets?: unknown; unsafe?: unknown },
  labels: { subject: string; charsets: string; unsafe: string },
): Partial<NameOptions> {
  const refuse = (name: string, value: unknown, allowed: readonly string[], count: string): never => {
    const shown = (JSON.stringify(value) ?? 'missing').slice(0, 100);
    const why = `${name} must be ${count} of ${allowed.join(', ')}, but is ${shown}`;
    throw new InvalidInput('BadInput', `${labels.subject}: ${why}`);
  };
  const list = Array.isArray(charsets) ? charsets.join(',') : charsets;
  const parsed = typeof list === 'string' ? parseCharsets(list) : undefined;
  if (isGiven(charsets) && parsed === undefined)
    refuse(labels.charsets, charsets, CHARSETS, 'a comma-separated list');
  const policy = UNSAFE_NAME_POLICIES.find((known) => known === unsafe);
  if (isGiven(unsafe) && policy === undefined) refuse(labels.unsafe, unsafe, UNSAFE_NAME_POLICIES, 'one');
  return {
    ...(parsed === undefined ? {} : { charsets: parsed }),
    ...(policy === undefined ? {} : { unsafe: policy as UnsafeNamePolicy }),
  };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
