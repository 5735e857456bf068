import type { ColumnValue, KeyMark, PlainRow } from '../../ots/wire/row.ts';
import { oneLine } from '../terminal-text.ts';

const MARK = 'a range’s end';

/** A value for people: texts as they are, what could be taken for one with its type. */
const shown = (value: ColumnValue | KeyMark | undefined): string => {
  if (Buffer.isBuffer(value)) return `${value.length} bytes`;
  return typeof value === 'symbol' ? MARK : String(value ?? '');
};

/** Integers beyond what JSON's readers keep exact are texts. */
const json = (value: ColumnValue | KeyMark | undefined): unknown => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  return typeof value === 'symbol' ? MARK : value;
};

/** A row on one line: its key, then its columns. */
export const rowLine = ({ primaryKey, cells }: PlainRow): string => {
  const key = primaryKey.map(({ value }) => oneLine(shown(value))).join(' ');
  return `${key}  ${cells.map(({ name, value }) => `${name}=${oneLine(shown(value), 60)}`).join(' ')}`.trimEnd();
};

/** A row as JSON. */
export const rowJson = ({ primaryKey, cells }: PlainRow): string =>
  JSON.stringify(Object.fromEntries([...primaryKey, ...cells].map(({ name, value }) => [name, json(value)])));
