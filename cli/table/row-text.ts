import { escapeHidden } from '../../domain/hidden-characters.ts';
import type { CellValue, KeyCell, KeyMark, PlainRow } from '../../ots/wire/row.ts';
import { toJsonValue } from './json-value.ts';

const RANGE_END = 'a range’s end';
const MAX_CHARACTERS = 60;

/** Characters that could hide where a text ends, or control a terminal. A text with one of them is shown in quotes. */
const NEEDS_QUOTES = /[\s="\p{Cc}\p{Cf}]/u;

/** The complete text, in quotes if needed. */
const quotedText = (text: string): string =>
  text === '' || NEEDS_QUOTES.test(text) ? escapeHidden(JSON.stringify(text)) : text;

function shortQuotedText(text: string): string {
  const characters = [...text];
  return characters.length > MAX_CHARACTERS
    ? `${quotedText(characters.slice(0, MAX_CHARACTERS - 1).join(''))}…`
    : quotedText(text);
}

/** The text after `:=` that writes this value. A double without a fraction has a point, an integer has none. */
function typedText(value: Exclude<CellValue, string>): string {
  if (typeof value === 'number' && Number.isInteger(value))
    return Math.abs(value) < 1e21 ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
  return typeof value === 'object' ? JSON.stringify(toJsonValue(value)) : String(value);
}

function cellText(name: string, value: CellValue): string {
  if (typeof value === 'string') return `${name}=${shortQuotedText(value)}`;
  const text = typedText(value);
  return `${name}:=${text.length > MAX_CHARACTERS && Buffer.isBuffer(value) ? `<${value.length} bytes>` : text}`;
}

/**
 * A key's values. A text is shown alone. Other values are shown as `name:=value`, so that different keys look
 * different.
 */
export const keyText = (key: readonly KeyCell[]): string => key.map(keyCellText).join(' ');

function keyCellText({ name, value }: KeyCell): string {
  if (typeof value === 'symbol') return RANGE_END;
  return typeof value === 'string' ? quotedText(value) : `${name}:=${typedText(value)}`;
}

/** A row on one line: its key, then its columns in input form. Long values of columns are shortened. */
export const rowText = ({ primaryKey, cells }: PlainRow): string => {
  const columns = cells.flatMap(({ name, value }) => (value === undefined ? [] : [cellText(name, value)]));
  return `${keyText(primaryKey)}  ${columns.join(' ')}`.trimEnd();
};

const cellJson = (value: CellValue | KeyMark | undefined) =>
  typeof value === 'symbol' ? RANGE_END : value === undefined ? null : toJsonValue(value);

/** A row as JSON. Each value can be used after `:=`. */
export const rowJson = ({ primaryKey, cells }: PlainRow): string =>
  escapeHidden(
    JSON.stringify(
      Object.fromEntries([...primaryKey, ...cells].map(({ name, value }) => [name, cellJson(value)])),
    ),
  );
