/** Longer than any text of a forecast. */
const LONGEST = 64;

/** A text as AMap gives one: a string or a number; '' for `[]`, which it writes for an empty one, and for all else. */
export function amapText(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return '';
  const text = value.trim();
  return text.length > LONGEST ? '' : text;
}
