import type { ColumnValue, KeyCell, KeyMark, PlainRow } from '../../ots/wire/row.ts';
import { jsonValue } from './json-value.ts';

const MARK = 'a range’s end';
const LONGEST = 60;

/** What would hide where a text ends, or steer a terminal; a text without any of it stands for itself. */
const UNCLEAR = /[\s="\p{Cc}\p{Cf}]/u;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text as it is, or in quotes where its end could not be seen; nothing in it is lost. */
const word = (text: string): string =>
  text === '' || UNCLEAR.test(text) ? JSON.stringify(text).replace(UNSEEN, escaped) : text;

const escaped = (character: string): string =>
  character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

function cutWord(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST ? `${word(characters.slice(0, LONGEST - 1).join(''))}…` : word(text);
}

/** What follows `:=` where such a value is put; a whole double has a point, which an integer has not. */
function typed(value: Exclude<ColumnValue, string>): string {
  if (typeof value === 'number' && Number.isInteger(value))
    return Math.abs(value) < 1e21 ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
  return typeof value === 'object' ? JSON.stringify(jsonValue(value)) : String(value);
}

function cellWord(name: string, value: ColumnValue): string {
  if (typeof value === 'string') return `${name}=${cutWord(value)}`;
  const text = typed(value);
  return `${name}:=${text.length > LONGEST && Buffer.isBuffer(value) ? `<${value.length} bytes>` : text}`;
}

/** A key's values: texts alone, others as they would be typed, so that no two keys look alike. */
export const keyLine = (key: readonly KeyCell[]): string => key.map(keyWord).join(' ');

function keyWord({ name, value }: KeyCell): string {
  if (typeof value === 'symbol') return MARK;
  return typeof value === 'string' ? word(value) : `${name}:=${typed(value)}`;
}

/** A row on one line: its key, then its columns as they would be typed, long ones cut. */
export const rowLine = ({ primaryKey, cells }: PlainRow): string => {
  const columns = cells.flatMap(({ name, value }) => (value === undefined ? [] : [cellWord(name, value)]));
  return `${keyLine(primaryKey)}  ${columns.join(' ')}`.trimEnd();
};

const json = (value: ColumnValue | KeyMark | undefined) =>
  typeof value === 'symbol' ? MARK : value === undefined ? null : jsonValue(value);

/** A row as JSON, of which each value can be put again with `:=`. */
export const rowJson = ({ primaryKey, cells }: PlainRow): string =>
  JSON.stringify(Object.fromEntries([...primaryKey, ...cells].map(({ name, value }) => [name, json(value)])));
